package dev.espalier.server;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.identity.OidcIssuer;
import dev.espalier.storage.Backend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {

    @TempDir
    Path home;

    private Settings read(String file, Map<String, String> environment, String... flags) throws Exception {
        Path path = home.resolve("espalier.toml");
        Files.writeString(path, file);
        return SettingsReader.read(home, path, environment, List.of(flags));
    }

    @Test
    void withoutAnythingSaidTheDefaultsHold() throws Exception {
        Settings settings = read("", Map.of());
        assertThat(settings.httpHost()).isEqualTo("127.0.0.1");
        assertThat(settings.httpPort()).isEqualTo(8400);
        assertThat(settings.backend()).isEmpty();
        assertThat(settings.undeleteWindow()).isEqualTo(Duration.ofDays(7));
        assertThat(settings.snapshotBytes()).isEqualTo(32L << 20);
        assertThat(settings.changed()).isEmpty();
    }

    @Test
    void everySettingCanBeGivenInTheFile() throws Exception {
        Settings settings = read("""
                http.host = "127.0.0.2"
                http.port = 9000
                data.directory = "/srv/espalier"
                [gateway]
                host = "127.0.0.3"
                port = 9001
                certificate = "/etc/espalier/tls.crt"
                key = "/etc/espalier/tls.key"
                connections_per_principal = 50
                connections_per_endpoint = 200
                idle_timeout = "1h"
                [journal]
                mode = "available"
                history_retention = "7d"
                audit_retention = "90d"
                usage_retention = "90d"
                [billing]
                interval = "5m"
                [identity]
                issuers = [
                    "https://login.example.com audience=espalier",
                    "http://127.0.0.1:9 audience=a claim=sub client=c algorithms=ES256+PS256",
                ]
                [storage]
                backend = "overlay"
                image_size = "20GB"
                [postgres]
                installations = ["/opt/pg16", "/opt/pg17"]
                system_user = "pg"
                preload_libraries = ["pg_stat_statements"]
                [control]
                url = "jdbc:postgresql://db/system"
                user = "espalier"
                password_file = "/etc/espalier/password"
                [branches]
                undelete_window = "36h"
                [history]
                snapshot_every = "64MB"
                [api]
                call_retention = "30d"
                """, Map.of());
        assertThat(settings.httpPort()).isEqualTo(9000);
        assertThat(settings.gateway().port()).isEqualTo(9001);
        assertThat(settings.gateway().key()).contains(Path.of("/etc/espalier/tls.key"));
        assertThat(settings.journal().strict()).isFalse();
        assertThat(settings.issuers())
                .containsExactly(
                        new OidcIssuer(
                                "https://login.example.com",
                                "espalier",
                                "email",
                                Optional.empty(),
                                OidcIssuer.USUAL_ALGORITHMS),
                        new OidcIssuer("http://127.0.0.1:9", "a", "sub", Optional.of("c"), Set.of("ES256", "PS256")));
        assertThat(settings.dataDirectory()).contains(Path.of("/srv/espalier"));
        assertThat(settings.backend()).contains(Backend.OVERLAY);
        assertThat(settings.imageBytes()).hasValue(20L << 30);
        assertThat(settings.installations()).containsExactly(Path.of("/opt/pg16"), Path.of("/opt/pg17"));
        assertThat(settings.control().orElseThrow().url()).isEqualTo("jdbc:postgresql://db/system");
        assertThat(settings.preloadLibraries()).containsExactly("pg_stat_statements");
        assertThat(settings.undeleteWindow()).isEqualTo(Duration.ofHours(36));
        assertThat(settings.text())
                .allSatisfy(
                        (setting, value) -> assertThat(value).as(setting.key()).isNotEqualTo(setting.defaultValue()));
    }

    @Test
    void flagsAreStrongerThanTheEnvironmentAndThatIsStrongerThanTheFile() throws Exception {
        String file = "http.port = 1001";
        assertThat(read(file, Map.of()).httpPort()).isEqualTo(1001);
        assertThat(read(file, Map.of("ESPALIER_HTTP_PORT", "1002")).httpPort()).isEqualTo(1002);
        assertThat(read(file, Map.of("ESPALIER_HTTP_PORT", "1002"), "--http.port=1003")
                        .httpPort())
                .isEqualTo(1003);
    }

    @Test
    void everyVariableOfTheLauncherIsAccepted() throws Exception {
        List<String> variables = Pattern.compile("ESPALIER_[A-Z_]+")
                .matcher(Files.readString(Path.of("../espalier")))
                .results()
                .map(MatchResult::group)
                .distinct()
                .toList();
        assertThat(variables).contains("ESPALIER_JAVA_HOME", "ESPALIER_JDKS");
        assertThat(read("", variables.stream().collect(toMap(name -> name, _ -> "/opt")))
                        .changed())
                .isEmpty();
    }

    @Test
    void thePasswordInTheUrlOfTheControlDatabaseIsShownNowhere() throws Exception {
        String url = "control.url = \"jdbc:postgresql://me:hunter2@db/system?password=hunter2\"";
        assertThat(read(url, Map.of()).changed()).isEqualTo("control.url=jdbc:postgresql://db/system");
        assertThatThrownBy(() -> read(url.replace("jdbc:", ""), Map.of()))
                .hasMessageContaining("control.url=\"postgresql://db/system\" cannot be used")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void everyMistypedKeyAndEveryWrongValueIsNamedAtOnceWithTheNearestRightOne() {
        assertThatThrownBy(() -> read(
                        "htp.port = 1\nstorage.backend = \"zfs\"",
                        Map.of("ESPALIER_HTTP_PROT", "2", "ESPALIER_API_CALL_RETENTION", "soon"),
                        "--data.directroy=/x"))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("\"htp.port\"")
                .hasMessageContaining("did you mean http.port?")
                .hasMessageContaining("did you mean ESPALIER_HTTP_PORT?")
                .hasMessageContaining("did you mean data.directory?")
                .hasMessageContaining("storage.backend=\"zfs\" cannot be used")
                .hasMessageContaining("api.call_retention=\"soon\" cannot be used");
    }

    @Test
    void anIssuerThatCannotBeTrustedIsNamed() {
        assertThatThrownBy(() -> read(
                        "",
                        Map.of(),
                        "--identity.issuers=http://login.example.com audience=a, https://x.example.com audience=a alg=RS256,"
                                + "https://y.example.com, https://z.example.com audience=a algorithms=HS256"))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("http is only for issuers on this machine")
                .hasMessageContaining("\"alg=RS256\"")
                .hasMessageContaining("https://y.example.com needs an audience")
                .hasMessageContaining("HS256 is not one with a public key");
    }

    @Test
    void theFilesOwnMistakesAreShownWithTheirLine() {
        assertThatThrownBy(() -> read("http.port = 1\nhttp.port = 2\n", Map.of()))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("line 2");
    }

    @Test
    void theDocumentationListsEverySettingWithItsDefault() throws Exception {
        String page = Files.readString(Path.of("..", "docs", "settings.md"));
        for (Setting setting : Setting.values()) {
            String shown = setting.defaultValue().isEmpty() ? "none" : "`" + setting.defaultValue() + "`";
            assertThat(page)
                    .contains("| `" + setting.key() + "` | `" + setting.variable() + "` | " + shown + " | "
                            + setting.meaning() + " |");
        }
    }

    @Test
    void aHomeIsHeldByOneProcessAtATime() {
        try (Home first = Home.open(home)) {
            assertThat(first.path()).isEqualTo(home);
            assertThatThrownBy(() -> Home.open(home))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("another Espalier runs");
        }
    }

    @Test
    void aDirectoryOfSomethingElseIsNoHomeAndStaysAsItIs() throws Exception {
        Set<PosixFilePermission> before = Files.getPosixFilePermissions(home);
        Files.writeString(home.resolve("letter.txt"), "");
        assertThatThrownBy(() -> Home.open(home))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("letter.txt is in it")
                .hasMessageContaining("Name an empty one");
        assertThat(Home.homeProblem(home)).isPresent();

        Path shared = Files.createDirectory(home.resolve("shared"));
        Set<PosixFilePermission> everyones = PosixFilePermissions.fromString("rwxrwxrwx");
        Files.setPosixFilePermissions(shared, everyones);
        assertThatThrownBy(() -> Home.open(shared)).hasMessageContaining("everyone may write into");

        assertThat(Files.getPosixFilePermissions(home)).isEqualTo(before);
        assertThat(Files.getPosixFilePermissions(shared)).isEqualTo(everyones);
        try (var left = Files.list(shared)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aHomeThatHoldsItsSettingsOnlyIsTaken() throws Exception {
        read("http.port = 1", Map.of());
        try (Home taken = Home.open(home)) {
            assertThat(taken.path()).isEqualTo(home);
        }
    }

    @Test
    void aSizeBeyondAllMeasureIsRefusedWithTheLargest() {
        assertThatThrownBy(() ->
                        read("history.snapshot_every = \"999999999TB\"", Map.of(), "--storage.image_size=999999999TB"))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("history.snapshot_every=\"999999999TB\" cannot be used. Give 16MB to 1GB")
                .hasMessageContaining("storage.image_size=\"999999999TB\" cannot be used. Give 256MB to 1024TB");
    }

    @Test
    void aTimeOfMoreThanAHundredYearsIsRefusedWithTheLongest() {
        assertThatThrownBy(() -> read("api.call_retention = \"9999999d\"", Map.of()))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("api.call_retention=\"9999999d\" cannot be used. Give at most 36500d");
    }

    @Test
    void anImageThatMkfsWouldNotTakeIsRefusedWithTheSmallest() {
        assertThatThrownBy(() -> read("storage.image_size = \"64MB\"", Map.of()))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("storage.image_size=\"64MB\" cannot be used. Give 256MB to 1024TB");
    }

    @Test
    void aRelativePathIsRefusedWithTheWholeOneThatMayBeMeant() {
        assertThatThrownBy(() -> read("data.directory = \"db\"", Map.of(), "--postgres.installations=/opt/pg16,pg17"))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining(
                        "data.directory=\"db\" cannot be used. Give the whole path, such as " + home.resolve("db"))
                .hasMessageContaining("such as " + home.resolve("pg17"));
    }

    @Test
    void aFlagWithoutAValueIsToldFromOneThatThereIsNot() {
        assertThatThrownBy(() -> read("", Map.of(), "--nonsense"))
                .hasMessageContaining("\"nonsense\" in the command line is no");
        assertThatThrownBy(() -> read("", Map.of(), "--http.port")).hasMessageContaining("--http.port has no value");
    }

    @Test
    void aControlDatabaseThatIsNotPostgresqlIsRefused() {
        assertThatThrownBy(() -> read("", Map.of(), "--control.url=jdbc:mysql://db/system"))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("control.url")
                .hasMessageContaining("begins with jdbc:postgresql:");
    }

    @Test
    void aDamagedMarkOfTheFormatIsNotTakenForANewerVersions() throws Exception {
        for (String damaged : List.of("", "?!")) {
            Files.writeString(home.resolve("espalier-format"), damaged);
            assertThatThrownBy(() -> Home.open(home))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("espalier-format is damaged")
                    .hasMessageContaining("write 1 into it");
        }
    }

    @Test
    void aHomeOfANewerVersionIsRefused() throws Exception {
        Files.writeString(home.resolve("espalier-format"), "99");
        assertThatThrownBy(() -> Home.open(home))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("Start the newer version");
    }
}
