package dev.espalier.control;

import static dev.espalier.control.Columns.timestamp;

import dev.espalier.control.Operation.Failure;
import dev.espalier.control.request.Caller;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ResourceName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Rows of {@code control.operation}. */
final class OperationTable {

    /** An operation with what is stored of its request. */
    record Interrupted(Operation operation, String request) {}

    private OperationTable() {}

    static void insert(
            Handle handle,
            String uid,
            Operation.Kind kind,
            ResourceName resource,
            String resourceUid,
            Optional<String> request,
            Caller caller,
            Instant now) {
        handle.execute(
                "INSERT INTO control.operation (uid, kind, resource_uid, resource_name, request, principal, done, "
                        + "create_time) VALUES (?, ?, ?, ?, ?, ?, false, ?)",
                uid,
                kind.name(),
                resourceUid,
                resource.toString(),
                request.orElse(null),
                caller.principal(),
                timestamp(now));
    }

    /**
     * Records an operation as one that never began, unless it is recorded; returns whether it does. Waits for one whose session was
     * lost.
     */
    static boolean insertAborted(
            Handle handle,
            String uid,
            Operation.Kind kind,
            ResourceName resource,
            String resourceUid,
            Caller caller,
            Instant now) {
        return handle.execute(
                        "INSERT INTO control.operation (uid, kind, resource_uid, resource_name, principal, done, create_time, finish_time, "
                                + "error_code, error_message) VALUES (?, ?, ?, ?, ?, true, ?, ?, ?, ?) ON CONFLICT (uid) DO NOTHING",
                        uid,
                        kind.name(),
                        resourceUid,
                        resource.toString(),
                        caller.principal(),
                        timestamp(now),
                        timestamp(now),
                        ControlException.Code.ABORTED.name(),
                        "The control database could not be reached, and the operation has not begun. Ask again.")
                > 0;
    }

    static void succeeded(Handle handle, String uid, Instant now) {
        handle.execute("UPDATE control.operation SET done = true, finish_time = ? WHERE uid = ?", timestamp(now), uid);
    }

    /**
     * Whether the operation has its end. Nobody else gives it one before the transaction ends; waits for one whose session was
     * lost.
     */
    static boolean lockIsDone(Handle handle, String uid) {
        return handle.select("SELECT done FROM control.operation WHERE uid = ? FOR UPDATE", uid)
                .mapTo(Boolean.class)
                .findOne()
                .orElse(false);
    }

    static void failed(Handle handle, String uid, Failure failure, Instant now) {
        handle.execute(
                "UPDATE control.operation SET done = true, error_code = ?, error_message = ?, error_reason = ?, "
                        + "error_metadata = CAST(? AS jsonb), finish_time = ? WHERE uid = ? AND NOT done",
                failure.code().name(),
                failure.message(),
                failure.reason(),
                Json.write(failure.metadata()),
                timestamp(now),
                uid);
    }

    /** Who asked for the operation. */
    static String principal(Handle handle, String uid) {
        return handle.select("SELECT principal FROM control.operation WHERE uid = ?", uid)
                .mapTo(String.class)
                .one();
    }

    static Optional<Operation> find(Handle handle, String uid) {
        return handle.select("SELECT * FROM control.operation WHERE uid = ?", uid)
                .map((row, context) -> read(row))
                .findOne();
    }

    /** Whether there is such an operation, and the principal has asked for it. */
    static boolean isOf(Handle handle, String uid, String principal) {
        return handle.select("SELECT principal = ? FROM control.operation WHERE uid = ?", principal, uid)
                .mapTo(Boolean.class)
                .findOne()
                .orElse(false);
    }

    /** Those that run and cannot go on after a kill. */
    static List<Operation> unfinished(Handle handle) {
        return handle.select("SELECT * FROM control.operation WHERE NOT done AND request IS NULL ORDER BY create_time")
                .map((row, context) -> read(row))
                .list();
    }

    /** Those that run and can go on after a kill, in the order in which they came. */
    static List<Interrupted> interrupted(Handle handle) {
        return handle.select(
                        "SELECT * FROM control.operation WHERE NOT done AND request IS NOT NULL ORDER BY create_time")
                .map((row, context) -> new Interrupted(read(row), row.getString("request")))
                .list();
    }

    /** Whether the resource has an operation of this kind that runs, or one of this caller's that has failed since then. */
    static boolean isTried(Handle handle, String resourceUid, Operation.Kind kind, Caller caller, Instant since) {
        return handle.select("""
                        SELECT EXISTS (
                            SELECT FROM control.operation
                            WHERE resource_uid = ? AND kind = ?
                              AND (NOT done OR (principal = ? AND error_code IS NOT NULL AND finish_time > ?)))
                        """, resourceUid, kind.name(), caller.principal(), timestamp(since))
                .mapTo(Boolean.class)
                .one();
    }

    static void deleteFinishedBefore(Handle handle, Instant time) {
        handle.execute("DELETE FROM control.operation WHERE done AND finish_time < ?", timestamp(time));
    }

    private static Operation read(ResultSet row) throws SQLException {
        String uid = row.getString("uid");
        return new Operation(
                uid,
                row.getString("resource_name") + "/operations/" + uid,
                Operation.Kind.valueOf(row.getString("kind")),
                ResourceName.parse(row.getString("resource_name")),
                row.getString("resource_uid"),
                row.getBoolean("done"),
                failure(row),
                Columns.instant(row, "create_time"));
    }

    private static Optional<Failure> failure(ResultSet row) throws SQLException {
        String code = row.getString("error_code");
        return code == null
                ? Optional.empty()
                : Optional.of(new Failure(
                        ControlException.Code.valueOf(code),
                        row.getString("error_message"),
                        row.getString("error_reason"),
                        Json.settings(row.getString("error_metadata"))));
    }
}
