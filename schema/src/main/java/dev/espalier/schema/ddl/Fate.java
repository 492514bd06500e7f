package dev.espalier.schema.ddl;

/** What becomes of an object on the way from one schema to the other. */
enum Fate {
    /** It stays as it is. */
    KEEP,
    ADD,
    REMOVE,
    /** It changes and keeps what it holds and what hangs on it. */
    ALTER,
    /** A column that gets another type, and perhaps other changes too. What is built on it has to go meanwhile. */
    RETYPE,
    /** It is dropped and made again. It holds nothing, or what hangs on it is moved over. */
    REPLACE,
    /** It should change and cannot. */
    STUCK;

    boolean isGone() {
        return this == REMOVE || this == REPLACE;
    }

    boolean isNew() {
        return this == ADD || this == REPLACE;
    }
}
