package dev.espalier.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.postgres.Installations;
import dev.espalier.postgres.OsUser;
import dev.espalier.storage.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DoctorTest {

    private static final String FIRST = "storage at the first start";

    @TempDir
    Path place;

    private Path home = Path.of("");

    @BeforeEach
    void letPostgresqlsUserPass() throws IOException {
        Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwx--x--x"));
        home = place.resolve("home");
    }

    private Findings look(String... flags) {
        List<String> all = new ArrayList<>(List.of("--http.port=0", "--gateway.port=0"));
        all.addAll(List.of(flags));
        return new Doctor(SettingsReader.read(home, home.resolve("espalier.toml"), Map.of(), all)).look(false);
    }

    private static String text(Findings findings, String subject) {
        return findings.all().stream()
                .filter(finding -> finding.subject().equals(subject))
                .map(finding -> finding.mark().lower() + ": " + finding.text())
                .findFirst()
                .orElse("");
    }

    @Test
    void lookingChangesNothingAndTellsTheRoomThereIs() throws IOException {
        Findings findings = look();
        assertThat(findings.canRun()).as(findings.text()).isTrue();
        assertThat(text(findings, "home")).contains("the first start makes");
        assertThat(text(findings, "PostgreSQL " + Installations.BUNDLED)).contains("unpacked at the first start");
        assertThat(text(findings, "space")).contains("MiB free of");
        try (var left = Files.list(place)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aBackendThatIsSetIsNotCalledTheBest() {
        assertThat(text(look("--storage.backend=copy"), FIRST)).startsWith("good: copy, set by storage.backend");
        assertThat(text(look(), FIRST)).endsWith("the best there is");
    }

    @Test
    void aHomeOfANewerVersionIsBadAndTheRestIsLookedAtAllTheSame() throws IOException {
        Files.createDirectories(home);
        Files.writeString(home.resolve("espalier-format"), "99");
        Findings findings = look();
        assertThat(findings.canRun()).isFalse();
        assertThat(findings.text()).contains("has format 99", "storage copy", "cannot run until");
        assertThat(text(findings, "space")).isNotEmpty();
    }

    @Test
    void aServerThatWasKilledIsNotSaidToRun() throws IOException {
        Files.createDirectories(home);
        mark(2_000_000_000L, home.resolve("data"));
        assertThat(text(look(), "server")).contains("does not run: it was killed", "./espalier up", "./espalier down");
    }

    @Test
    void aServerThatRunsIsNamedWithTheAddressesThatItReallyHas() {
        try (Home held = Home.open(home)) {
            mark(ProcessHandle.current().pid(), held.path().resolve("data"));
            Findings findings = look();
            assertThat(text(findings, "server"))
                    .contains("runs", Long.toString(ProcessHandle.current().pid()));
            assertThat(text(findings, "http")).isEqualTo("good: http://127.0.0.1:4711");
            assertThat(text(findings, "gateway")).isEqualTo("good: 127.0.0.1:4712");
        }
    }

    private void mark(long pid, Path data) {
        var _ = RunningMark.write(
                home,
                new RunningMark.Server(pid, "http://127.0.0.1:4711", Optional.of("127.0.0.1:4712"), Optional.of(data)),
                Clock.systemUTC());
    }

    @Test
    void recordedVolumesThatAreNotThereAreNamedWithTheFix() throws IOException {
        Settings settings = SettingsReader.read(home, home.resolve("espalier.toml"), Map.of(), List.of());
        OsUser user = OsUser.forPostgres(settings.systemUser());
        Path data;
        try (Home held = Home.open(home)) {
            data = held.dataDirectory(settings.dataDirectory(), user);
        }
        Storage storage = new Storage(data, user, OptionalLong.empty());
        storage.open(Optional.of(Backend.COPY));
        assertThat(text(look(), "volumes")).isEmpty();
        Files.move(data.resolve("copy"), data.resolve("elsewhere"));

        Findings findings = look();

        assertThat(findings.canRun()).isFalse();
        assertThat(text(findings, "volumes"))
                .startsWith("bad: the volumes are not in " + data.resolve("copy"))
                .contains("Mount their file system there");
        assertThat(data.resolve("copy")).doesNotExist();
    }

    @Test
    void theFindingsAreJsonToo() {
        Findings findings = look();
        JsonNode json = new JsonMapper().readTree(findings.json());
        assertThat(json.path("can_run").asBoolean()).isEqualTo(findings.canRun());
        assertThat(json.path("findings")).hasSameSizeAs(findings.all());
        assertThat(json.at("/findings/0/mark").asString()).isEqualTo("good");
        assertThat(json.at("/findings/0/subject").asString()).isEqualTo("JDK");
    }
}
