package dev.espalier.control;

import dev.espalier.control.Operation.Failure;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.engine.Engine;
import dev.espalier.engine.Snapshot;
import dev.espalier.storage.VolumeName;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings rows, volumes and processes together at a start, whatever moment the last process ended at. The rows decide: what
 * was being made is undone, what was being deleted is finished, what was being replaced is one or the other, since the row
 * changes in one transaction; and what no row names is removed. What changes inside a cluster goes on by itself, see
 * {@link ClusterChanges}.
 */
final class Reconciler {

    private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);

    private final Engine engine;
    private final Jdbi jdbi;
    private final EndpointTable endpoints;
    private final OperationEnds ends;
    private final ChangeCount changes;

    Reconciler(Engine engine, Jdbi jdbi, EndpointTable endpoints, OperationEnds ends, ChangeCount changes) {
        this.engine = engine;
        this.jdbi = jdbi;
        this.endpoints = endpoints;
        this.ends = ends;
        this.changes = changes;
    }

    /** Must have ended before anything else is asked of the engine. */
    void run(String dataIdentity) {
        checkBelongsTogether(dataIdentity);
        jdbi.useHandle(changes::check);
        jdbi.useTransaction(handle -> {
            undoUnfinished(handle);
            endOperations(handle);
        });
        engine.cleanUp(jdbi.withHandle(this::knownVolumes), jdbi.withHandle(EndpointTable::uids));
        forgetLostSnapshots();
    }

    /** Volumes that no row names are removed; so the rows must be those of these volumes. */
    private void checkBelongsTogether(String dataIdentity) {
        List<String> known = jdbi.withHandle(handle -> handle.select("SELECT data_identity FROM control.installation")
                .mapTo(String.class)
                .list());
        if (known.isEmpty() && !engine.volumes().isEmpty()) {
            throw new IllegalStateException("the control database is empty, and the data directory holds "
                    + engine.volumes().size()
                    + " volumes. Name the control database they belong to (control.url, or system in "
                    + "the data directory), or an empty data.directory.");
        }
        if (known.isEmpty()) {
            jdbi.useHandle(handle -> handle.execute("INSERT INTO control.installation VALUES (?)", dataIdentity));
        } else if (!known.contains(dataIdentity)) {
            throw new IllegalStateException(
                    "the control database belongs to another data directory. Name the right one in "
                            + "data.directory, or another control.url. If it is the right one and its file espalier-id is lost, "
                            + "put it back with this content: " + String.join("", known));
        }
    }

    private void undoUnfinished(Handle handle) {
        for (Branch branch : BranchTable.inState(handle, Branch.State.INIT)) {
            LOG.info("{} was not made to its end and is removed", branch.name());
            if (branch.isDefault()) {
                ProjectTable.delete(handle, branch.projectUid());
            } else {
                BranchTable.delete(handle, branch.uid());
            }
        }
        handle.execute("UPDATE control.branch SET pending_state = NULL WHERE pending_state IS NOT NULL");
        // A replica whose operation has not ended may have no volume, or half of one.
        OperationTable.unfinished(handle).stream()
                .filter(operation -> operation.kind() == Operation.Kind.CREATE_ENDPOINT)
                .forEach(operation -> endpoints.delete(handle, operation.resourceUid()));
    }

    private void endOperations(Handle handle) {
        for (Operation operation : OperationTable.unfinished(handle)) {
            Failure failure = new Failure(
                    Code.ABORTED, "Espalier was stopped during the operation. " + whatBecameOf(operation.kind()));
            ends.end(handle, operation.uid(), "", Optional.of(failure), List.of());
        }
    }

    private static String whatBecameOf(Operation.Kind kind) {
        return switch (kind) {
            case CREATE_PROJECT, CREATE_BRANCH, CREATE_ENDPOINT -> "What it had made is removed. Ask again.";
            case RESET_BRANCH, RESTORE_BRANCH -> "The branch is as it was before. Ask again.";
            case UPDATE_PROJECT, UNDELETE_PROJECT, UPDATE_BRANCH, UNDELETE_BRANCH ->
                "It has changed nothing. Ask again.";
            // Deleting for good goes on from where it was; all else is marked at its end.
            case DELETE_PROJECT, DELETE_BRANCH ->
                "If it was to be removed for good, that goes on by itself; otherwise nothing is deleted. Look, and ask again.";
            case DELETE_ENDPOINT -> "The endpoint is still there. Ask again.";
            case UPDATE_ENDPOINT -> "The endpoint may have the change already. Look at it, and ask again.";
            case WAKE_ENDPOINT, SUSPEND_ENDPOINT -> "The endpoint sleeps until it is needed.";
            case CREATE_ROLE, UPDATE_ROLE, DELETE_ROLE, CREATE_DATABASE, UPDATE_DATABASE, DELETE_DATABASE ->
                throw new IllegalStateException(kind + " goes on by itself");
        };
    }

    /** The volumes of all branches and replicas, deleted ones included, with their snapshots. */
    Set<VolumeName> knownVolumes(Handle handle) {
        List<String> names = handle.select("""
                        SELECT volume FROM control.branch
                        UNION ALL
                        SELECT replica_volume FROM control.endpoint WHERE replica_volume IS NOT NULL
                        UNION ALL
                        SELECT s.volume FROM control.snapshot s JOIN control.branch b ON b.volume = s.of_volume
                        """).mapTo(String.class).list();
        Set<VolumeName> known = new HashSet<>();
        names.forEach(name -> known.add(new VolumeName(name)));
        return known;
    }

    /** Snapshots whose volume was removed, or whose branch has gone, before their row. */
    private void forgetLostSnapshots() {
        Set<VolumeName> there = engine.volumes();
        jdbi.useTransaction(handle -> {
            Set<VolumeName> known = knownVolumes(handle);
            for (Snapshot snapshot : SnapshotTable.all(handle)) {
                if (!there.contains(snapshot.volume()) || !known.contains(snapshot.volume())) {
                    SnapshotTable.delete(handle, snapshot.volume());
                }
            }
        });
    }
}
