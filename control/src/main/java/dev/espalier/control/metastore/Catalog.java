package dev.espalier.control.metastore;

import java.time.Instant;
import java.util.Optional;

/**
 * What stands in Unity Catalog for one database of a project, on all its branches.
 *
 * @param uid never changes, and is never given to another
 * @param name as users write it; no other catalog has it
 * @param owner name of the principal who may do everything with it; empty once he is gone
 * @param epoch of the last change that concerns it
 * @param governed whether it has, or has ever had, a grant or a policy: its databases are under rules since
 * @param limitsBranches whether USE_BRANCH is, or has ever been, given on it: only who has it connects to other branches than the
 *     default since
 */
public record Catalog(
        String uid,
        String projectUid,
        String projectId,
        String database,
        String name,
        Optional<String> owner,
        Optional<String> comment,
        long epoch,
        boolean governed,
        boolean limitsBranches,
        Instant createTime,
        Instant updateTime) {

    /** The catalog as something that privileges are given on. */
    public Securable securable() {
        return new Securable(SecurableType.CATALOG, SecurableName.of(name));
    }
}
