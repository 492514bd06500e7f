/** PostgreSQL's own grammar in the JVM. Read {@link PostgresGrammar} first, then {@link Statement}, {@link StatementCache} and {@link Redaction}. */
@org.jspecify.annotations.NullMarked
package dev.espalier.sql;
