package dev.espalier.sql;

/**
 * Something that a statement would do. A statement has the effects of all its parts, so a DELETE in a WITH query, behind
 * PREPARE, in a cursor, in a rule or under EXPLAIN shows as DELETE. What called functions do is not in it.
 */
public enum Effect {
    /** Reads rows, or computes values. */
    SELECT,
    INSERT,
    /** INSERT with ON CONFLICT. */
    UPSERT,
    UPDATE,
    DELETE,
    MERGE,
    TRUNCATE,
    /** Locks the rows it reads (FOR UPDATE, FOR SHARE). */
    ROW_LOCK,
    /** LOCK TABLE. */
    TABLE_LOCK,
    CREATE,
    ALTER,
    DROP,
    /** Gives or takes privileges, memberships or ownership. */
    GRANT,
    /** Creates, changes or drops roles. */
    ROLE,
    COPY_FROM,
    COPY_TO,
    /** Reads or writes a file of the server. */
    SERVER_FILE,
    /** Runs a program on the server. */
    SERVER_PROGRAM,
    EXPLAIN,
    /** EXPLAIN that runs what it explains. */
    EXPLAIN_ANALYZE,
    /** Runs a block of code. */
    DO,
    CALL,
    PREPARE,
    /** Runs what was prepared earlier, whatever that was. */
    EXECUTE,
    /** Opens, reads or closes a cursor. */
    CURSOR,
    /** LISTEN, NOTIFY, UNLISTEN. */
    NOTIFY,
    TRANSACTION,
    SET,
    SHOW,
    /** DISCARD, DEALLOCATE: forgets state of the session. */
    DISCARD,
    /** VACUUM, ANALYZE, REINDEX, CLUSTER, REFRESH. */
    MAINTENANCE,
    /** Changes the server as a whole: ALTER SYSTEM, LOAD, CHECKPOINT, databases and tablespaces. */
    SYSTEM,
    /** A kind of statement this version does not know. */
    UNKNOWN
}
