package dev.espalier.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.control.metastore.Catalog;
import dev.espalier.control.metastore.DirectoryChanges;
import dev.espalier.control.metastore.RulesReader;
import dev.espalier.identity.Principal;
import dev.espalier.identity.PrincipalKind;
import dev.espalier.postgres.OsUser;
import dev.espalier.testing.TestInstallations;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an older Espalier has written is there after an update. */
class MigrationTest {

    @TempDir
    private Path directory;

    @Test
    void servicePrincipalsKeepTheirSecretsRightsAndPlaces() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (ControlDatabase database = open()) {
            goBackTo(database, "3");
            database.jdbi().useHandle(handle -> {
                handle.execute("""
                        INSERT INTO control.service_principal (client_id, display_name, secret_hash, administrator)
                        VALUES ('c-root', 'administrator', 'sha256$a$b', true),
                               ('c-ci', 'ci', 'sha256$c$d', false),
                               ('c-named-so', 'admins', 'sha256$e$f', false)
                        """);
                handle.execute("""
                        INSERT INTO control.project (
                            uid, project_id, display_name, pg_version, history_retention, default_min_cu, default_max_cu,
                            default_pg_settings, native_login, custom_tags, owner, create_time, update_time)
                        VALUES ('p', 'shop', 'shop', 18, 1, 1, 1, '{}', false, '[]', 'administrator', now(), now())
                        """);
                handle.execute(
                        "INSERT INTO control.project_access VALUES ('p', 'ci', 'CAN_USE'), ('p', 'admins', 'CAN_MANAGE')");
            });
        }

        try (ControlDatabase database = open()) {
            Principals principals = new Principals(database.jdbi());
            RulesInForce unused = new RulesInForce(database.jdbi(), null, new Locks());
            AccessLists access = new AccessLists(
                    database.jdbi(),
                    new Finder(new EndpointTable(null)),
                    new DirectoryChanges(database.jdbi(), new RulesReader(database.jdbi()), unused, List::of));
            Principal root = principals.named("administrator").orElseThrow();
            assertThat(root)
                    .isEqualTo(new Principal(
                            "c-root", PrincipalKind.SERVICE_PRINCIPAL, "administrator", true, Set.of("admins")));
            assertThat(principals.secrets(root)).containsExactly("sha256$a$b");
            assertThat(principals.administratorExists()).isTrue();
            Principal ci = principals.find("c-ci").orElseThrow();
            assertThat(ci.administrator()).isFalse();
            assertThat(access.permission(ci, "shop")).contains(Permission.CAN_USE);
            Principal renamed = principals.find("c-named-so").orElseThrow();
            assertThat(renamed.name()).isEqualTo("admins-c-named-");
            assertThat(renamed.administrator()).isFalse();
            assertThat(access.permission(renamed, "shop")).contains(Permission.CAN_MANAGE);
        }
    }

    @Test
    void whatWasSignedSaysWhetherADatabaseWasUnderRules() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        String signed = Base64.getUrlEncoder().withoutPadding().encodeToString("""
                        {"databases":[{"database":"under","governed":true,"warnings":["ÿÿ?>~"]},
                                      {"database":"stray","governed":false}]}
                        """.getBytes(StandardCharsets.UTF_8));
        try (ControlDatabase database = open()) {
            goBackTo(database, "22");
            database.jdbi().useHandle(handle -> {
                handle.execute(
                        "INSERT INTO control.attestation VALUES ('a', 'p', 'shop', 'b', 'production', now(), 'ann', ?)",
                        "head." + signed + ".signature");
                handle.execute("""
                        INSERT INTO control.attested_database VALUES ('a', 'shop', 'under', 3, 'f', '{c}', '{}'),
                                                                     ('a', 'shop', 'stray', 0, '', '{}', '{}')
                        """);
            });
        }

        try (ControlDatabase database = open()) {
            List<String> proved = database.jdbi()
                    .withHandle(handle -> handle.select(
                                    "SELECT concat_ws(' ', database, governed, present) FROM governance.attestations")
                            .mapTo(String.class)
                            .list());
            assertThat(proved).containsExactlyInAnyOrder("under t t", "stray f t");
        }
    }

    @Test
    void catalogsOnWhichUseBranchIsGivenLimitTheirBranchesFromThenOn() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (ControlDatabase database = open()) {
            goBackTo(database, "24");
            database.jdbi().useHandle(handle -> {
                handle.execute("""
                        INSERT INTO control.project (
                            uid, project_id, display_name, pg_version, history_retention, default_min_cu, default_max_cu,
                            default_pg_settings, native_login, custom_tags, owner, create_time, update_time)
                        VALUES ('p', 'shop', 'shop', 18, 1, 1, 1, '{}', false, '[]', 'administrator', now(), now())
                        """);
                handle.execute("""
                        INSERT INTO control.catalog (uid, project_uid, database, name, epoch, governed)
                        VALUES ('c', 'p', 'limited', 'limited', 1, true), ('d', 'p', 'open', 'open', 1, true)
                        """);
                handle.execute("""
                        INSERT INTO control.privilege (catalog_uid, type, schema_name, object_name, privilege)
                        VALUES ('c', 'CATALOG', '', '', 'USE_BRANCH'), ('d', 'CATALOG', '', '', 'CREATE_BRANCH')
                        """);
            });
        }

        try (ControlDatabase database = open()) {
            assertThat(new RulesReader(database.jdbi())
                            .governed("p").stream()
                                    .filter(Catalog::limitsBranches)
                                    .map(Catalog::name))
                    .containsExactly("limited");
        }
    }

    private ControlDatabase open() {
        OsUser user = OsUser.forPostgres("espalier");
        return ControlDatabase.embedded(directory.resolve("system"), TestInstallations.bundled(), user);
    }

    private static void goBackTo(ControlDatabase database, String version) {
        database.jdbi()
                .useHandle(handle -> handle.execute(
                        "DROP SCHEMA control, governance CASCADE; DROP TABLE public.espalier_migrations"));
        Flyway.configure()
                .dataSource(database.dataSource())
                .locations("classpath:dev/espalier/control/migrations")
                .schemas("control")
                .createSchemas(false)
                .defaultSchema("public")
                .table("espalier_migrations")
                .target(version)
                .load()
                .migrate();
    }
}
