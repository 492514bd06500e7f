package dev.espalier.control;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.control.request.ResourceName;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ports that lead to one branch each. The rows say which there are to be; {@link #settle} brings the door to the rows:
 * after a start, after the deletion of a branch, and when a port that another process had is free again.
 */
public final class BranchPorts {

    private static final Logger LOG = LoggerFactory.getLogger(BranchPorts.class);
    /** Ports below are the system's (RFC 6335). */
    private static final int SMALLEST = 1024;

    private static final int LARGEST = 65_535;

    /** How many ports are tried where none is asked for. */
    private static final int TRIES = 1_000;

    private static final String NOT_OPEN_YET = "the gateway does not listen";

    private record Row(int port, String branchUid, BranchPort shown) {}

    private record Open(String branchUid, BranchDoor.Listener listener) {}

    private final Jdbi jdbi;
    private final Finder finder;
    private final Clock clock;

    private Optional<BranchDoor> door = Optional.empty();
    private final Map<Integer, Open> open = new HashMap<>();
    private final Map<Integer, String> faults = new HashMap<>();

    BranchPorts(Jdbi jdbi, Finder finder, Clock clock) {
        this.jdbi = jdbi;
        this.finder = finder;
        this.clock = clock;
    }

    /**
     * Opens all ports there are to be. One that cannot be had is tried again, and says why until then.
     *
     * @return what closes them all, for the end of the door
     */
    public synchronized AutoCloseable openAt(BranchDoor opened) {
        door = Optional.of(opened);
        settle();
        return this::closeAll;
    }

    private synchronized void closeAll() {
        door = Optional.empty();
        open.values().forEach(port -> port.listener().close());
        open.clear();
    }

    /** The ports of a branch, by number. */
    public synchronized List<BranchPort> of(String projectId, String branchId) {
        return jdbi.withHandle(handle -> {
            String uid = finder.branch(handle, projectId, branchId).uid();
            return rows(handle).stream()
                    .filter(row -> row.branchUid().equals(uid))
                    .map(Row::shown)
                    .toList();
        });
    }

    /** The ports of all branches, by number. */
    public synchronized List<BranchPort> all() {
        return jdbi.withHandle(this::rows).stream().map(Row::shown).toList();
    }

    /**
     * Opens a port that leads to a branch, from now on and after every start, until it is closed or the branch deleted.
     *
     * @param wanted empty for the first that is free above the gateway's own
     * @throws ControlException if it cannot be had
     */
    public synchronized BranchPort open(String projectId, String branchId, OptionalInt wanted) {
        BranchDoor at = door.orElseThrow(() -> new ControlException(
                Code.TEMPORARILY_UNAVAILABLE, NOT_OPEN_YET + ", so no port can be opened. Try again when it does."));
        Branch branch = jdbi.withHandle(handle -> finder.readyBranch(handle, projectId, branchId));
        settle();
        int port;
        BranchDoor.Listener listener;
        if (wanted.isPresent()) {
            port = wanted.getAsInt();
            listener = listen(at, port, branch);
        } else {
            Choice choice = choose(at, branch);
            port = choice.port();
            listener = choice.listener();
        }
        try {
            jdbi.useHandle(handle -> insert(handle, port, branch));
        } catch (RuntimeException e) {
            listener.close();
            throw e;
        }
        open.put(port, new Open(branch.uid(), listener));
        faults.remove(port);
        return of(projectId, branchId).stream()
                .filter(found -> found.port() == port)
                .findFirst()
                .orElseThrow();
    }

    private BranchDoor.Listener listen(BranchDoor at, int port, Branch branch) {
        if (port < SMALLEST || port > LARGEST) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "port " + port + " is not possible. Choose " + SMALLEST + " to " + LARGEST
                            + ", or leave it out for a free one.");
        }
        if (taken(port)) {
            throw new ControlException(
                    Code.ALREADY_EXISTS,
                    "port " + port + " leads to a branch already. Choose another, or close that one first.");
        }
        try {
            return at.open(port, branch.projectId(), branch.branchId());
        } catch (IllegalStateException e) {
            throw ControlException.because(Code.INVALID_STATE, e);
        }
    }

    private record Choice(int port, BranchDoor.Listener listener) {}

    /** Above the gateway's own, and not one that the system hands out for outgoing connections. */
    private Choice choose(BranchDoor at, Branch branch) {
        int last = Math.min(LARGEST, at.port() + TRIES);
        for (int port = at.port() + 1; port <= last; port++) {
            if (!taken(port)) {
                try {
                    return new Choice(port, at.open(port, branch.projectId(), branch.branchId()));
                } catch (IllegalStateException e) {
                    LOG.debug("not port {}: {}", port, e.getMessage());
                }
            }
        }
        throw new ControlException(
                Code.RESOURCE_EXHAUSTED,
                "no port from " + (at.port() + 1) + " to " + last + " is free. Close one, or name one elsewhere.",
                "NO_FREE_PORT",
                Map.of());
    }

    /**
     * Closes a port. Sessions that came through it go on.
     *
     * @throws ControlException if the branch has no such port
     */
    public synchronized void close(String projectId, String branchId, int port) {
        int closed = jdbi.withHandle(handle -> handle.execute(
                "DELETE FROM control.branch_port WHERE port = ? AND branch_uid = ?",
                port,
                finder.branch(handle, projectId, branchId).uid()));
        if (closed == 0) {
            throw new ControlException(
                    Code.NOT_FOUND,
                    "no port " + port + " leads to " + ResourceName.branch(projectId, branchId)
                            + ". espalier ports list shows those there are.");
        }
        settle();
    }

    /** Opens and closes what the rows have and have not. */
    synchronized void settle() {
        if (door.isEmpty()) {
            return;
        }
        List<Row> rows = jdbi.inTransaction(handle -> {
            handle.execute("""
                    DELETE FROM control.branch_port p USING control.branch b
                    WHERE b.uid = p.branch_uid AND b.delete_time IS NOT NULL
                    """);
            return rows(handle);
        });
        Map<Integer, Row> wanted = new HashMap<>();
        rows.forEach(row -> wanted.put(row.port(), row));
        open.entrySet().removeIf(entry -> {
            Row row = wanted.get(entry.getKey());
            boolean over =
                    row == null || !row.branchUid().equals(entry.getValue().branchUid());
            if (over) {
                entry.getValue().listener().close();
            }
            return over;
        });
        faults.keySet().retainAll(wanted.keySet());
        rows.stream().filter(row -> !open.containsKey(row.port())).forEach(row -> tryToOpen(door.get(), row));
    }

    private void tryToOpen(BranchDoor at, Row row) {
        int port = row.port();
        try {
            open.put(
                    port,
                    new Open(
                            row.branchUid(),
                            at.open(port, row.shown().projectId(), row.shown().branchId())));
            if (faults.remove(port) != null) {
                LOG.info("{} is open again", row.shown().name());
            }
        } catch (IllegalStateException e) {
            String fault = String.valueOf(e.getMessage());
            if (!fault.equals(faults.put(port, fault))) {
                LOG.warn("{} is not open, and is tried again: {}", row.shown().name(), fault);
            }
        }
    }

    private boolean taken(int port) {
        return jdbi.withHandle(
                handle -> handle.select("SELECT EXISTS (SELECT FROM control.branch_port WHERE port = ?)", port)
                        .mapTo(Boolean.class)
                        .one());
    }

    private void insert(Handle handle, int port, Branch branch) {
        int inserted = handle.execute("""
                INSERT INTO control.branch_port (port, branch_uid, create_time)
                SELECT ?, uid, ? FROM control.branch WHERE uid = ? AND delete_time IS NULL
                """, port, Columns.timestamp(clock.instant()), branch.uid());
        if (inserted == 0) {
            throw Finder.noBranch(branch.projectId(), branch.branchId());
        }
    }

    private List<Row> rows(Handle handle) {
        return handle.select("""
                        SELECT p.port, p.branch_uid, p.create_time, j.project_id, b.branch_id
                        FROM control.branch_port p
                        JOIN control.branch b ON b.uid = p.branch_uid
                        JOIN control.project j ON j.uid = b.project_uid
                        ORDER BY p.port
                        """)
                .map((row, context) -> {
                    int port = row.getInt("port");
                    Optional<String> fault = open.containsKey(port)
                            ? Optional.empty()
                            : Optional.of(faults.getOrDefault(port, NOT_OPEN_YET));
                    return new Row(
                            port,
                            row.getString("branch_uid"),
                            new BranchPort(
                                    port,
                                    row.getString("project_id"),
                                    row.getString("branch_id"),
                                    fault,
                                    Columns.instant(row, "create_time")));
                })
                .list();
    }
}
