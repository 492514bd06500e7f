package dev.espalier.sql;

/**
 * A table, view, sequence or index that a statement names. Names are as PostgreSQL would look them up: folded to lower
 * case unless quoted.
 *
 * @param catalog the first of three names, or "" (which is never a name)
 * @param schema the schema's name, or "" where the statement leaves it to the search path
 * @param name the relation's own name
 * @param offset where the written name begins in the text, in bytes from 0; -1 where the grammar does not keep it (DROP,
 *     COMMENT, SECURITY LABEL)
 * @param written whether the statement changes the relation or its definition; false where it only reads it
 */
public record Relation(String catalog, String schema, String name, int offset, boolean written) {}
