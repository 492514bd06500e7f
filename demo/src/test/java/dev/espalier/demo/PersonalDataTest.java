package dev.espalier.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Where personal data lie in a catalog: the places a masking policy has to reach. */
@ExtendWith(PostgresExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PersonalDataTest {

    private static final String EMAIL = "'[a-z0-9.-]+@acme\\.example'";
    private static final String PHONE = "'\\+[0-9]{1,3}-[0-9]{1,3}-555-[0-9]{4}'";

    private final TestServer server;
    private final Connection catalog;

    PersonalDataTest(TestServer server) throws SQLException {
        this.server = server;
        this.catalog = server.newDatabase("personal");
    }

    @BeforeAll
    void load() throws SQLException {
        new CatalogGenerator(42, 1).load(catalog, (step, done, total) -> {});
    }

    @AfterAll
    void drop() throws SQLException {
        catalog.close();
        server.drop("personal");
    }

    @Test
    void mostFinalEntitiesHoldAnEmailInTheirJson() throws SQLException {
        assertThat(count("final_entities", "final_entity ~ " + EMAIL)).isBetween(340L, 400L);
        assertThat(count("final_entities", "final_entity ~ " + PHONE)).isBetween(130L, 180L);
    }

    @Test
    void refreshStateHoldsThemTwiceMore() throws SQLException {
        long emails = count("final_entities", "final_entity ~ " + EMAIL);
        assertThat(count("refresh_state", "unprocessed_entity ~ " + EMAIL)).isEqualTo(emails);
        assertThat(count("refresh_state", "processed_entity ~ " + EMAIL)).isEqualTo(emails);
        assertThat(count("refresh_state", "processed_entity ~ " + PHONE))
                .isEqualTo(count("final_entities", "final_entity ~ " + PHONE));
    }

    @Test
    void theCacheOfALocationHoldsThePeopleOfItsFile() throws SQLException {
        assertThat(count(
                        "refresh_state",
                        "entity_ref = 'location:default/payments-users' AND regexp_count(cache, " + PHONE + ") = 120"))
                .isOne();
    }

    @Test
    void anErrorMayNameAPerson() throws SQLException {
        assertThat(count("refresh_state", "errors ~ " + EMAIL)).isPositive();
        assertThat(count("refresh_state", "errors <> '[]'")).isLessThan(20);
    }

    @Test
    void searchHoldsEmailsUnderTheseKeysOnly() throws SQLException {
        assertThat(Rows.strings(
                        catalog, "SELECT DISTINCT key FROM search WHERE original_value ~ " + EMAIL + " ORDER BY key"))
                .containsExactly(
                        "metadata.annotations.acme.example/oncall-email",
                        "metadata.description",
                        "metadata.links.url",
                        "spec.profile.email");
        assertThat(count("search", "value ~ " + EMAIL)).isBetween(500L, 700L);
    }

    @Test
    void searchHoldsPhonesInAnAnnotationAndInDescriptions() throws SQLException {
        assertThat(Rows.strings(
                        catalog, "SELECT DISTINCT key FROM search WHERE original_value ~ " + PHONE + " ORDER BY key"))
                .containsExactly("metadata.annotations.acme.example/phone", "metadata.description");
    }

    @Test
    void someDescriptionsNameAPersonAndMostDoNot() throws SQLException {
        String description = "final_entity::jsonb #>> '{metadata,description}'";
        long described = count("final_entities", description + " IS NOT NULL");
        assertThat(count("final_entities", description + " ~ " + EMAIL)).isBetween(described / 5, described / 2);
        assertThat(count("final_entities", description + " ~ " + PHONE)).isBetween(described / 30, described / 5);
    }

    @Test
    void everyApiNamesAPersonInsideItsDefinition() throws SQLException {
        assertThat(count(
                        "final_entities",
                        "entity_ref LIKE 'api:%' AND final_entity::jsonb #>> '{spec,definition}' ~ ('email: ' || "
                                + EMAIL + ")"))
                .isEqualTo(Kind.API.perDivision());
    }

    @Test
    void aUserIsTheSamePersonEverywhere() throws SQLException {
        Person person = new Company(42, 1).person(0, 0);
        assertThat(Rows.strings(
                        catalog,
                        "SELECT s.original_value FROM search s JOIN final_entities f USING (entity_id) WHERE f.entity_ref ="
                                + " 'user:default/" + person.login() + "' AND s.key IN ('spec.profile.email',"
                                + " 'spec.profile.displayname', 'spec.profile.picture',"
                                + " 'metadata.annotations.acme.example/phone') ORDER BY s.key"))
                .containsExactly(
                        person.phone(),
                        person.displayName(),
                        person.email(),
                        "https://img.acme.example/" + person.login() + ".png");
    }

    @Test
    void thePlannersStatisticsKeepThemToo() throws SQLException {
        assertThat(count("pg_stats", "schemaname = 'public' AND histogram_bounds::text ~ " + EMAIL))
                .isPositive();
    }

    private long count(String table, String condition) throws SQLException {
        return Rows.number(catalog, "SELECT count(*) FROM " + table + " WHERE " + condition);
    }
}
