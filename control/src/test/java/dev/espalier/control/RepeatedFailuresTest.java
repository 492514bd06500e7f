package dev.espalier.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.control.Operation.Failure;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.control.request.ResourceName;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RepeatedFailuresTest {

    private static final String BRANCH = "br-1";

    private final RepeatedFailures repeated = new RepeatedFailures();

    private boolean has(String uid, String resourceUid, Optional<String> error) {
        ResourceName name = ResourceName.parse("projects/shop/branches/old");
        return repeated.has(new Operation(
                uid,
                name + "/operations/" + uid,
                Operation.Kind.DELETE_BRANCH,
                name,
                resourceUid,
                true,
                error.map(message -> new Failure(Code.INTERNAL_ERROR, message)),
                Instant.EPOCH));
    }

    private boolean fails(String uid, String message) {
        return has(uid, BRANCH, Optional.of(message));
    }

    @Test
    void aFailureIsRepeatedWhereItDiffersByItsOperationOnly() {
        assertThat(fails("op-1", "see operation op-1")).isFalse();
        assertThat(fails("op-2", "see operation op-2")).isTrue();
        assertThat(has("op-3", "br-2", Optional.of("see operation op-3"))).isFalse();
    }

    @Test
    void anotherFailureIsNew() {
        assertThat(fails("op-1", "the disk is full")).isFalse();
        assertThat(fails("op-2", "the disk is gone")).isFalse();
        assertThat(fails("op-3", "the disk is full")).isFalse();
    }

    @Test
    void aSuccessIsAlwaysNewAndSoIsWhatFailsAfterIt() {
        assertThat(fails("op-1", "the disk is full")).isFalse();
        assertThat(has("op-2", BRANCH, Optional.empty())).isFalse();
        assertThat(fails("op-3", "the disk is full")).isFalse();
    }
}
