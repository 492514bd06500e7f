package dev.espalier.governance;

import static dev.espalier.governance.MirrorMasksTest.TABLES;
import static dev.espalier.governance.MirrorMasksTest.TEAM;
import static dev.espalier.governance.MirrorMasksTest.books;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.governance.MirrorMasksTest.Pair;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A mirror goes on taking rows, whatever its tables ask of values that are masked there and whatever is installed in it. */
@ExtendWith(Servers.class)
class MirrorUpkeepTest {

    static int[] versions() {
        return Servers.versions();
    }

    private static void insert(Connection mirror, int id, String email, String kind, String value) throws SQLException {
        Shop.run(
                mirror,
                "INSERT INTO person (id, email, kind, value, born) VALUES (%d, '%s', '%s', '%s', '1980-05-06')"
                        .formatted(id, email, kind, value));
    }

    @ParameterizedTest
    @MethodSource("versions")
    void anotherVersionOfTheLibraryMasksOn(int version, Servers.Running servers) throws SQLException {
        try (Pair pair = new Pair(servers, version, TABLES)) {
            MirrorMasksTest.Books books = books();
            new Governor().admit(pair.source, books.rules(), Optional.empty());
            new MirrorMasks().prepare(pair.source, pair.mirror, books.rules(), TEAM);
            Connection mirror = pair.mirror;
            Shop.run(mirror, "SET session_replication_role = replica");
            insert(mirror, 1, "Ann", "secret", "RAW");
            Shop.run(mirror, "BEGIN", "SET LOCAL search_path = pg_catalog, pg_temp");
            Installer.install(mirror, Installer.installed(mirror));
            Shop.run(mirror, "COMMIT");
            insert(mirror, 2, "Bob", "secret", "RAW");
            assertThat(Shop.read(mirror, "SELECT id, value FROM person ORDER BY id"))
                    .containsExactly("1|***", "2|***");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatComputesSomethingOfMaskedValuesOrHoldsThemAgainstOneAnotherIsNotInIt(int version, Servers.Running servers)
            throws SQLException {
        String asks = """
                ALTER TABLE person
                    ADD CONSTRAINT no_other EXCLUDE USING btree (lower(value) WITH =),
                    ADD CONSTRAINT no_other_made EXCLUDE USING btree (lower_value WITH =),
                    ADD CONSTRAINT one_where EXCLUDE USING btree (kind WITH =) WHERE (email LIKE '%@example.com'),
                    ADD CONSTRAINT kept_numbers EXCLUDE USING btree ((id + seen) WITH =),
                    ADD CONSTRAINT whole CHECK (person IS NOT NULL);
                CREATE INDEX as_number ON person ((substr(value, 1, 4)::int));
                CREATE INDEX as_row ON person ((person IS NULL));
                CREATE UNIQUE INDEX one_here ON person (kind) WHERE value ~ 'x';
                CREATE INDEX kept_value ON person (value) WHERE seen > 0;
                """;
        try (Pair pair = new Pair(servers, version, TABLES + asks)) {
            MirrorMasksTest.Books books = books();
            new Governor().admit(pair.source, books.rules(), Optional.empty());
            new MirrorMasks().prepare(pair.source, pair.mirror, books.rules(), TEAM);
            Connection mirror = pair.mirror;
            assertThat(
                            Shop.read(
                                    mirror,
                                    "SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'person'::regclass ORDER BY 1::text"))
                    .containsExactlyInAnyOrder("person_pkey", "person_email_key", "kept_numbers", "kept_value");
            Shop.run(mirror, "SET session_replication_role = replica");
            insert(mirror, 1, "ann@example.com", "secret", "1111x");
            insert(mirror, 2, "bob@example.net", "secret", "2222x");
            assertThat(Shop.read(mirror, "SELECT id, value FROM person ORDER BY id"))
                    .containsExactly("1|***", "2|***");
            assertThatThrownBy(
                            () -> Shop.run(
                                    mirror,
                                    "INSERT INTO person (id, email, kind, value, born, seen) VALUES (0, 'c', 'open', 'v', '1980-05-06', 1)"))
                    .hasMessageContaining("kept_numbers");
        }
    }
}
