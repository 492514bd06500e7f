package dev.espalier.api.branch;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.api.wire.Fixed;
import dev.espalier.api.wire.UpdateMask;
import dev.espalier.api.wire.Wire;
import dev.espalier.control.Branch;
import dev.espalier.control.BranchChange;
import dev.espalier.control.NewBranch;
import dev.espalier.control.request.Moment;
import dev.espalier.control.setting.Expiration;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A branch as a client sends it. */
public record BranchRequest(Optional<Spec> spec) {

    private static final String IS_PROTECTED = "spec.is_protected";
    private static final String EXPIRATION = "spec.expiration";

    static final UpdateMask.Fields FIELDS = new UpdateMask.Fields(
            List.of(IS_PROTECTED, EXPIRATION),
            Map.of("spec.ttl", EXPIRATION, "spec.expire_time", EXPIRATION, "spec.no_expiry", EXPIRATION));

    /** What the branch is to be. */
    public record Spec(
            @JsonPropertyDescription(
                    "Name of the branch it is made from; the project's default branch where not given.")
            Optional<String> sourceBranch,

            @JsonPropertyDescription("The source as it was at this time.")
            Optional<Instant> sourceBranchTime,

            @JsonPropertyDescription("The source as it was at this position of its write-ahead log, such as 0/1698A48.")
            Optional<String> sourceBranchLsn,

            @JsonPropertyDescription("Whether it cannot be deleted, reset or expire.")
            Optional<Boolean> isProtected,

            @JsonPropertyDescription("It deletes itself this long after; at most 2592000s.")
            Optional<Duration> ttl,

            @JsonPropertyDescription("It deletes itself then; at most 30 days ahead.")
            Optional<Instant> expireTime,

            @JsonPropertyDescription("true: it does not delete itself.")
            Optional<Boolean> noExpiry,

            @JsonPropertyDescription(
                    "Makes a mirror: a branch that follows its source, masked on its way to the disk for this user, "
                            + "service principal or group. Branches that are made from it are for them to own.")
            Optional<String> mirrorFor) {

        private Optional<Expiration> expiration() {
            return ExpirationFields.read(ttl, expireTime, noExpiry);
        }

        private Optional<String> sourceId(String projectId) {
            return sourceBranch.map(source -> BranchReference.id("spec.source_branch", source, projectId));
        }
    }

    NewBranch toNew(String projectId) {
        Spec wanted = given();
        return new NewBranch(
                wanted.sourceId(projectId),
                Moment.of(wanted.sourceBranchTime().map(Instant::toString), wanted.sourceBranchLsn()),
                wanted.isProtected(),
                wanted.expiration()
                        .orElseThrow(() -> ExpirationFields.exactlyOne("a new branch must say when it expires")),
                wanted.mirrorFor());
    }

    BranchChange toChange(UpdateMask mask, Branch now) {
        Spec wanted = given();
        Fixed.check("spec.source_branch", wanted.sourceId(now.projectId()), now.sourceBranchId());
        Fixed.check("spec.source_branch_time", wanted.sourceBranchTime(), now.sourceTime());
        Fixed.check(
                "spec.source_branch_lsn",
                wanted.sourceBranchLsn(),
                now.sourceLsn().map(Object::toString));
        Fixed.check("spec.mirror_for", wanted.mirrorFor(), now.mirror().flatMap(mirror -> now.maskedFor()));
        return new BranchChange(
                mask.value(IS_PROTECTED, wanted.isProtected(), false), mask.value(EXPIRATION, wanted.expiration()));
    }

    private Spec given() {
        return spec.orElseGet(() -> Wire.empty(Spec.class));
    }
}
