package dev.espalier.postgres;

import java.sql.SQLException;
import java.util.Set;

/** Codes of PostgreSQL's errors that something depends on, by the names that PostgreSQL has for them. */
public final class SqlState {

    /** The server ends all its sessions, because one of them has ended in an unexpected way. */
    public static final String CRASH_SHUTDOWN = "57P02";

    public static final String DEADLOCK_DETECTED = "40P01";
    public static final String DEPENDENT_OBJECTS_STILL_EXIST = "2BP01";
    public static final String DUPLICATE_DATABASE = "42P04";
    public static final String DUPLICATE_OBJECT = "42710";
    public static final String INTERNAL_ERROR = "XX000";

    /** There is no such database. */
    public static final String INVALID_CATALOG_NAME = "3D000";

    public static final String LOCK_NOT_AVAILABLE = "55P03";
    public static final String OBJECT_IN_USE = "55006";

    /** Also that a database's owner lets nobody sign in. */
    public static final String OBJECT_NOT_IN_PREREQUISITE_STATE = "55000";

    /** Also that the server's table of locks is full. */
    public static final String OUT_OF_MEMORY = "53200";

    /** Also that a statement took longer than it may. */
    public static final String QUERY_CANCELED = "57014";

    public static final String READ_ONLY_SQL_TRANSACTION = "25006";
    public static final String SERIALIZATION_FAILURE = "40001";
    public static final String TOO_MANY_CONNECTIONS = "53300";
    public static final String UNDEFINED_OBJECT = "42704";
    public static final String UNIQUE_VIOLATION = "23505";

    private static final int CLASS_LENGTH = 2;

    private SqlState() {}

    /** The code of a failure; empty if it has none. */
    public static String of(SQLException failure) {
        return failure.getSQLState() == null ? "" : failure.getSQLState();
    }

    /** Whether the failure is of one of the classes, each of which is the first two characters of its codes. */
    public static boolean isOfClass(SQLException failure, Set<String> classes) {
        String state = of(failure);
        return state.length() > CLASS_LENGTH && classes.contains(state.substring(0, CLASS_LENGTH));
    }

    /** Whether there is no session, or no longer: it could not be begun, was broken off, or its server has ended it. */
    public static boolean isLostSession(SQLException failure) {
        String state = of(failure);
        return state.startsWith("08") || state.startsWith("57P");
    }

    /** Whether nobody can sign in to the database: it is not there, or its owner has shut it. */
    public static boolean isClosedDatabase(SQLException failure) {
        return Set.of(INVALID_CATALOG_NAME, OBJECT_NOT_IN_PREREQUISITE_STATE).contains(of(failure));
    }
}
