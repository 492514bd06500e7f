package dev.espalier.control.metastore;

/** What a principal may do with a securable and all that lies in it, in Unity Catalog's words, and two of ours for branches. */
public enum Privilege {
    USE_CATALOG,
    USE_SCHEMA,
    /** Read a table or view; through the masks and filters that bind him. */
    SELECT,
    /** Insert, update and delete rows. */
    MODIFY,
    CREATE_SCHEMA,
    CREATE_TABLE,
    EXECUTE,
    /** Give and take privileges, and define policies. */
    MANAGE,
    /** Assign tags. */
    APPLY_TAG,
    /** See that it is there. */
    BROWSE,
    CREATE_BRANCH,
    USE_BRANCH,
    /** All the others but MANAGE, also those that there will be. */
    ALL_PRIVILEGES;

    /** Whether who has this one has the other, too. */
    public boolean includes(Privilege other) {
        return this == other || (this == ALL_PRIVILEGES && other != MANAGE);
    }
}
