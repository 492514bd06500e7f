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
 * @param upsert whether it is what rows go to that may be there already, or a qualifier that means it
 */
public record Relation(String catalog, String schema, String name, int offset, boolean written, Upsert upsert) {

    /** INSERT with ON CONFLICT, and MERGE. */
    public enum Upsert {
        NO,
        YES,

        /** With RETURNING that has a star. */
        RETURNING_ALL
    }

    /** One that no such rows go to. */
    public Relation(String catalog, String schema, String name, int offset, boolean written) {
        this(catalog, schema, name, offset, written, Upsert.NO);
    }

    /** Whether it is what such rows go to. */
    public boolean upserted() {
        return upsert != Upsert.NO;
    }
}
