package dev.espalier.control;

import dev.espalier.control.Operation.Kind;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import org.jdbi.v3.core.Handle;

/**
 * A change inside a branch's cluster, which no transaction of the control database can undo. It is stored with its operation,
 * and made once more where a kill came between: whatever was done of it then, it comes to the same end.
 */
sealed interface ClusterChange
        permits DatabaseChanges.Create,
                DatabaseChanges.Alter,
                DatabaseChanges.Drop,
                RoleChanges.Create,
                RoleChanges.Alter,
                RoleChanges.Drop {

    /** The operation that this is. */
    Kind kind();

    /**
     * Makes the change.
     *
     * @param again whether it may have been made before, wholly or in part
     * @throws ControlException if PostgreSQL refuses it
     */
    void make(Branch branch, BranchSessions sessions, boolean again);

    /** What changes in the control database with it. */
    default void changeRows(Handle handle, Branch branch) {}

    /**
     * The role or database that was to be changed is not there any more, or has another name: a branch may have been reset, or SQL
     * come between. What has its name is not touched.
     */
    static ControlException gone(Branch branch, String name) {
        return new ControlException(
                Code.ABORTED,
                "\"" + name + "\" on " + branch.name()
                        + " has been dropped or renamed meanwhile, or the branch has been given other data. Look at it, and ask "
                        + "again.");
    }

    /** The change that was stored as JSON with an operation of the kind. */
    static ClusterChange parse(Kind kind, String json) {
        Class<? extends ClusterChange> type = switch (kind) {
            case CREATE_DATABASE -> DatabaseChanges.Create.class;
            case UPDATE_DATABASE -> DatabaseChanges.Alter.class;
            case DELETE_DATABASE -> DatabaseChanges.Drop.class;
            case CREATE_ROLE -> RoleChanges.Create.class;
            case UPDATE_ROLE -> RoleChanges.Alter.class;
            case DELETE_ROLE -> RoleChanges.Drop.class;
            default -> throw new IllegalArgumentException(kind + " changes no cluster");
        };
        return Json.read(json, type);
    }
}
