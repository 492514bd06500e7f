package dev.espalier.api.branch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.api.Json;
import dev.espalier.api.wire.UpdateMask;
import dev.espalier.control.Branch;
import dev.espalier.control.BranchChange;
import dev.espalier.control.NewBranch;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.Moment;
import dev.espalier.control.setting.Expiration;
import dev.espalier.postgres.Lsn;
import dev.espalier.storage.VolumeName;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BranchRequestTest {

    private static final Instant TIME = Instant.parse("2026-11-25T10:00:00Z");

    static final Branch NOW = new Branch(
            "br-calm-brook-00000001",
            "p-uid",
            "shop",
            "dev",
            Optional.of("br-main"),
            Optional.of("production"),
            Optional.of(Lsn.parse("0/1698A48")),
            Optional.empty(),
            Branch.State.READY,
            Optional.empty(),
            TIME,
            false,
            false,
            false,
            Optional.of(TIME.plusSeconds(3600)),
            new VolumeName("v"),
            OptionalLong.of(8L << 40),
            TIME,
            TIME,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    @Test
    void aBranchIsMadeFromWhatIsGiven() {
        NewBranch wanted = wanted("""
                {"spec": {"source_branch": "projects/shop/branches/production", "source_branch_lsn": "0/1698A48",
                          "is_protected": true, "no_expiry": true}}""");

        assertThat(wanted)
                .isEqualTo(new NewBranch(
                        Optional.of("production"),
                        new Moment.Position(Lsn.parse("0/1698A48")),
                        true,
                        new Expiration.Never()));
    }

    @Test
    void whatIsNotGivenIsTheDefaultBranchNowAndOfProtectionNothingIsSaid() {
        assertThat(wanted("{\"spec\": {\"ttl\": \"3600s\"}}"))
                .isEqualTo(new NewBranch(
                        Optional.empty(),
                        new Moment.Now(),
                        Optional.empty(),
                        new Expiration.After(Duration.ofHours(1)),
                        Optional.empty()));
    }

    @Test
    void aTimeOfTheSourceAndATimeOfExpiryAreTaken() {
        NewBranch wanted = wanted("""
                {"spec": {"source_branch": "production", "source_branch_time": "2026-11-25T11:00:00+01:00",
                          "expire_time": "2026-11-26T10:00:00Z"}}""");

        assertThat(wanted.moment()).isEqualTo(new Moment.At(TIME));
        assertThat(wanted.expiration()).isEqualTo(new Expiration.At(Instant.parse("2026-11-26T10:00:00Z")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "{\"spec\": {}}",
                "{\"spec\": {\"ttl\": \"60s\", \"no_expiry\": true}}",
                "{\"spec\": {\"ttl\": \"60s\", \"expire_time\": \"2026-11-26T10:00:00Z\"}}",
                "{\"spec\": {\"expire_time\": \"2026-11-26T10:00:00Z\", \"no_expiry\": true}}"
            })
    void exactlyOneExpirationMustBeGiven(String body) {
        assertThatThrownBy(() -> wanted(body))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("exactly one of spec.ttl, spec.expire_time and spec.no_expiry: true");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"spec\": {\"no_expiry\": false}}", "{\"spec\": {\"no_expiry\": false, \"ttl\": \"60s\"}}"})
    void noExpiryFalseIsInvalid(String body) {
        assertThatThrownBy(() -> wanted(body))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("no_expiry: false says nothing");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "projects/other/branches/production",
                "projects/shop",
                "projects/shop/branches/production/endpoints/primary"
            })
    void aSourceThatIsNoBranchOfTheProjectIsRefused(String source) {
        assertThatThrownBy(() -> wanted("{\"spec\": {\"source_branch\": \"" + source + "\", \"no_expiry\": true}}"))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("is not a branch of the project. Write projects/shop/branches/BRANCH");
    }

    @Test
    void aTimeAndAPositionOfTheSourceContradictEachOther() {
        assertThatThrownBy(() -> wanted("""
                        {"spec": {"source_branch_lsn": "0/1", "source_branch_time": "2026-11-25T10:00:00Z",
                                  "no_expiry": true}}"""))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("both given");
    }

    @Test
    void theMaskDecidesWhatChanges() {
        String body = "{\"spec\": {\"is_protected\": true, \"no_expiry\": true}}";

        assertThat(change(body, "spec.is_protected")).isEqualTo(new BranchChange(Optional.of(true), Optional.empty()));
        assertThat(change(body, "spec.expiration"))
                .isEqualTo(new BranchChange(Optional.empty(), Optional.of(new Expiration.Never())));
        assertThat(change(body, "*"))
                .isEqualTo(new BranchChange(Optional.of(true), Optional.of(new Expiration.Never())));
        assertThat(change("{}", "spec.is_protected")).isEqualTo(new BranchChange(Optional.of(false), Optional.empty()));
    }

    @ParameterizedTest
    @CsvSource({"spec.ttl", "spec.expire_time", "spec.no_expiry"})
    void theFieldsOfTheExpirationStandForItInAMask(String path) {
        assertThat(change("{\"spec\": {\"ttl\": \"60s\"}}", path).expiration())
                .contains(new Expiration.After(Duration.ofMinutes(1)));
    }

    @Test
    void theSourceMayBeSentBackAndNotBeChanged() {
        String same =
                "{\"spec\": {\"source_branch\": \"projects/shop/branches/production\", \"source_branch_lsn\": \"0/1698A48\"}}";
        assertThat(change(same, "*")).isEqualTo(new BranchChange(Optional.empty(), Optional.empty()));

        assertThatThrownBy(() -> change("{\"spec\": {\"source_branch\": \"projects/shop/branches/dev\"}}", "*"))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("spec.source_branch cannot be changed: it is production for good");
    }

    @Test
    void aRestoreNamesItsMoment() {
        assertThat(Json.request("{\"restore_time\": \"2026-11-25T10:00:00Z\"}", RestoreRequest.class)
                        .moment())
                .isEqualTo(new Moment.At(TIME));
        assertThat(Json.request("{\"restore_lsn\": \"A/B\", \"preserve_under\": \"old\"}", RestoreRequest.class)
                        .moment())
                .isEqualTo(new Moment.Position(Lsn.parse("A/B")));
    }

    @Test
    void anAnswerHasStatusAndNoSpec() {
        assertThat(Json.answer(BranchResource.of(NOW))).isEqualTo(Json.tree("""
                {"name": "projects/shop/branches/dev", "branch_id": "dev", "uid": "br-calm-brook-00000001",
                 "parent": "projects/shop", "create_time": "2026-11-25T10:00:00Z", "update_time": "2026-11-25T10:00:00Z",
                 "status": {"branch_id": "dev", "current_state": "READY", "state_change_time": "2026-11-25T10:00:00Z",
                            "default": false, "is_protected": false, "source_branch": "projects/shop/branches/production",
                            "source_branch_lsn": "0/1698A48", "expire_time": "2026-11-25T11:00:00Z",
                            "logical_size_bytes": 8796093022208}}"""));
    }

    private static NewBranch wanted(String body) {
        return Json.request(body, BranchRequest.class).toNew("shop");
    }

    private static BranchChange change(String body, String mask) {
        return Json.request(body, BranchRequest.class)
                .toChange(UpdateMask.parse(Optional.of(mask), BranchRequest.FIELDS), NOW);
    }
}
