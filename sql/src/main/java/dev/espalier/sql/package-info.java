/** PostgreSQL's own grammar in the JVM. Read {@link PostgresGrammar} first, then {@link Statement}. */
@org.jspecify.annotations.NullMarked
package dev.espalier.sql;
