package dev.espalier.control;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/**
 * What may be done to a branch. Asked when a request comes in, so that it is refused at once, and again by whoever holds the
 * branch, because things may have changed while he waited.
 */
final class BranchRules {

    private final Jdbi jdbi;
    private final Clock clock;

    BranchRules(Jdbi jdbi, Clock clock) {
        this.jdbi = jdbi;
        this.clock = clock;
    }

    /** @throws ControlException if the branch is protected, its project's default, or has children */
    void mayBeDeleted(Branch branch) {
        refuseProtected(branch, "be deleted");
        if (branch.isDefault()) {
            throw new ControlException(
                    Code.BAD_REQUEST,
                    branch.name()
                            + " is its project's default branch and goes only with the project. Make another branch the "
                            + "default first (spec.default_branch of the project).",
                    "RESOURCE_CONFLICT",
                    Map.of("declarative_context", "MANAGED_BY_PARENT"));
        }
        refuseWithChildren(branch, "be deleted");
    }

    /** @throws ControlException if the branch has no source, is protected, or has children */
    void mayBeReset(Branch branch) {
        refuseWithoutSource(branch);
        if (branch.sourceUid().isEmpty()) {
            throw new ControlException(
                    Code.BAD_REQUEST,
                    branch.name() + " is a root branch: there is no source to reset it to. Use restore.",
                    "BRANCH_IS_ROOT",
                    Map.of());
        }
        refuseProtected(branch, "be reset");
        // A mirror is built anew beside what its children were made from.
        if (branch.mirror().isEmpty()) {
            refuseWithChildren(branch, "be reset");
        }
    }

    /** @throws ControlException if the branch is a mirror whose source is gone */
    static void refuseWithoutSource(Branch branch) {
        if (branch.mirror().isPresent() && branch.sourceUid().isEmpty()) {
            throw new ControlException(
                    Code.INVALID_STATE, branch.name() + " is a mirror, and " + Mirror.SOURCE_IS_GONE);
        }
    }

    /**
     * When the branch expires after the change.
     *
     * @throws ControlException if it may not expire
     */
    Optional<Instant> expireTime(Branch branch, BranchChange change, boolean isProtected) {
        Optional<Instant> time =
                change.expiration().isPresent() ? change.expiration().get().time(clock) : branch.expireTime();
        if (time.isPresent()) {
            refuseExpiry(isProtected, branch.isDefault());
        }
        if (time.isPresent() && change.expiration().isPresent()) {
            refuseWithChildren(branch, "expire");
        }
        return time;
    }

    /** @throws ControlException if the branch expires, or is masked */
    static void mayBeDefault(Branch branch) {
        if (branch.maskedFor().isPresent()) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    branch.name() + " is masked for " + branch.maskedFor().get()
                            + ", and a default branch is not. Choose another.");
        }
        if (branch.expireTime().isPresent()) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    branch.name() + " expires, and a default branch cannot. Set no_expiry on it first.");
        }
    }

    /**
     * Whether the branch may be one that writes no log that a mirror could follow. The caller holds it.
     *
     * @throws ControlException naming the mirrors that follow it
     */
    void mayStopBeingDurable(Branch branch) {
        if (branch.sourceUid().isEmpty() || branch.keepsDurable()) {
            return;
        }
        List<String> mirrors = jdbi.withHandle(handle -> MirrorTable.followers(handle, branch.uid()));
        if (!mirrors.isEmpty()) {
            throw new ControlException(
                    Code.INVALID_STATE,
                    branch.name() + " is followed by mirrors, which need its log (wal_level=logical): "
                            + String.join(", ", mirrors)
                            + ". Delete them first; what it holds for one that is deleted is gone a moment after it has run.");
        }
    }

    /** When a new branch expires. */
    Optional<Instant> expireTime(NewBranch wanted) {
        Optional<Instant> time = wanted.expiration().time(clock);
        if (time.isPresent()) {
            refuseExpiry(wanted.isProtected().orElse(false), false);
        }
        return time;
    }

    private static void refuseExpiry(boolean isProtected, boolean isDefault) {
        if (isProtected || isDefault) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "a protected or default branch cannot expire. Leave out its protection, or use no_expiry.");
        }
    }

    private static void refuseProtected(Branch branch, String what) {
        if (branch.isProtected()) {
            throw new ControlException(
                    Code.BAD_REQUEST,
                    branch.name() + " is protected and cannot " + what + ". Set spec.is_protected=false first.",
                    "BRANCH_PROTECTED",
                    Map.of("branch", branch.name().toString()));
        }
    }

    void refuseWithChildren(Branch branch, String what) {
        List<String> children = jdbi.withHandle(handle -> BranchTable.children(handle, branch.uid())).stream()
                .map(Branch::branchId)
                .toList();
        if (!children.isEmpty()) {
            throw new ControlException(
                    Code.BAD_REQUEST,
                    branch.name() + " has children and cannot " + what + ": " + String.join(", ", children)
                            + ". Delete them first.",
                    "BRANCH_HAS_CHILDREN",
                    Map.of("children", String.join(",", children)));
        }
    }
}
