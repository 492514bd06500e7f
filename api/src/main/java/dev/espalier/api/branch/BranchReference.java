package dev.espalier.api.branch;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.control.request.ResourceName;

/** A branch that is named in a field or parameter: by its full name, or by its id alone. */
public final class BranchReference {

    private BranchReference() {}

    /**
     * Its id.
     *
     * @param field where it is named, for the message
     * @throws ControlException if it is not a branch of the project
     */
    public static String id(String field, String reference, String projectId) {
        if (reference.indexOf('/') < 0) {
            return reference;
        }
        ResourceName name = ResourceName.parse(reference);
        if (!name.project().equals(projectId)
                || name.branch().isEmpty()
                || name.collection().isPresent()) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    field + " \"" + reference + "\" is not a branch of the project. Write "
                            + ResourceName.project(projectId) + "/branches/BRANCH.");
        }
        return name.branch().get();
    }
}
