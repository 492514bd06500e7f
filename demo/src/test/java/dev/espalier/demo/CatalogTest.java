package dev.espalier.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a catalog of the reference's size must be: Backstage's shapes, whole, and of its size. */
@ExtendWith(PostgresExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CatalogTest {

    private static final int SCALE = CatalogGenerator.referenceSize();

    private final TestServer server;
    private final Connection catalog;

    CatalogTest(TestServer server) throws SQLException {
        this.server = server;
        this.catalog = server.newDatabase("catalog");
    }

    @BeforeAll
    void load() throws SQLException {
        new CatalogGenerator(42, SCALE).load(catalog, (step, done, total) -> {});
    }

    @AfterAll
    void drop() throws SQLException {
        catalog.close();
        server.drop("catalog");
    }

    @Test
    void isAboutTheSizeOfTheMeasuredBackstage() throws SQLException {
        long mebibytes = number("SELECT pg_database_size(current_database())") >> 20;
        assertThat(mebibytes).isBetween(55L, 75L);
    }

    @Test
    void hasTheEntitiesOfEveryKind() throws SQLException {
        assertThat(Rows.strings(catalog, """
                        SELECT final_entity::jsonb ->> 'kind' || ' ' || count(*)
                        FROM final_entities
                        GROUP BY final_entity::jsonb ->> 'kind'
                        ORDER BY 1
                        """))
                .containsExactly(
                        "API " + 60 * SCALE,
                        "Component " + 154 * SCALE,
                        "Domain " + 4 * SCALE,
                        "Group " + (30 * SCALE + 1),
                        "Location " + 8 * SCALE,
                        "Resource " + 40 * SCALE,
                        "System " + 20 * SCALE,
                        "Template " + 4 * SCALE,
                        "User " + 120 * SCALE);
        assertThat(number("SELECT count(*) FROM refresh_state")).isEqualTo(new CatalogGenerator(42, SCALE).entities());
        assertThat(number("SELECT count(*) FROM locations")).isEqualTo(SCALE);
    }

    @Test
    void hasTheKeysAndIndexesOfBackstage() throws SQLException {
        assertThat(Rows.strings(
                        catalog,
                        "SELECT conname FROM pg_constraint WHERE contype IN ('f', 'p', 'u', 'c') AND convalidated"
                                + " AND connamespace = 'public'::regnamespace"))
                .contains(
                        "final_entities_entity_id_foreign",
                        "location_update_log_location_id_foreign",
                        "location_update_log_status_check",
                        "refresh_keys_entity_id_foreign",
                        "refresh_state_references_source_entity_ref_foreign",
                        "refresh_state_references_target_entity_ref_foreign",
                        "relations_originating_entity_id_foreign",
                        "search_entity_id_foreign",
                        "refresh_state_entity_ref_uniq",
                        "final_entities_pkey");
        assertThat(Rows.strings(
                        catalog, "SELECT indexdef FROM pg_indexes WHERE tablename = 'search' ORDER BY indexname"))
                .containsExactly(
                        "CREATE UNIQUE INDEX search_entity_key_value_idx ON public.search USING btree (entity_id, key, value)",
                        "CREATE INDEX search_facets_covering_idx ON public.search USING btree (key, original_value, entity_id)"
                                + " WHERE (original_value IS NOT NULL)",
                        "CREATE INDEX search_key_value_entity_idx ON public.search USING btree (key, value, entity_id)");
    }

    @Test
    void relatesOnlyEntitiesThatExist() throws SQLException {
        assertThat(number("SELECT count(*) FROM relations")).isGreaterThan(2000L * SCALE);
        assertThat(number("""
                        SELECT count(*)
                        FROM relations r
                        WHERE NOT EXISTS (SELECT FROM final_entities WHERE entity_ref = r.source_entity_ref)
                           OR NOT EXISTS (SELECT FROM final_entities WHERE entity_ref = r.target_entity_ref)
                        """)).isZero();
    }

    @Test
    void saysEveryRelationFromBothEnds() throws SQLException {
        assertThat(number("""
                        WITH inverse (type, other) AS (
                            VALUES ('ownedBy', 'ownerOf'), ('partOf', 'hasPart'), ('memberOf', 'hasMember'),
                                   ('childOf', 'parentOf'), ('providesApi', 'apiProvidedBy'),
                                   ('consumesApi', 'apiConsumedBy'), ('dependsOn', 'dependencyOf')
                        ), both_ways AS (
                            SELECT * FROM inverse UNION ALL SELECT other, type FROM inverse
                        )
                        SELECT count(*)
                        FROM relations r
                        LEFT JOIN both_ways w USING (type)
                        WHERE NOT EXISTS (
                            SELECT
                            FROM relations o
                            WHERE o.originating_entity_id = r.originating_entity_id
                              AND o.source_entity_ref = r.target_entity_ref
                              AND o.target_entity_ref = r.source_entity_ref
                              AND o.type = w.other
                        )
                        """)).isZero();
    }

    @Test
    void stitchesExactlyTheStoredRelationsIntoTheFinalEntities() throws SQLException {
        assertThat(number("""
                        WITH stored AS (
                            SELECT DISTINCT source_entity_ref, type, target_entity_ref FROM relations
                        ), stitched AS (
                            SELECT entity_ref, r ->> 'type' AS type, r ->> 'targetRef' AS target_ref
                            FROM final_entities, jsonb_array_elements(final_entity::jsonb -> 'relations') r
                        )
                        SELECT count(*)
                        FROM stored s
                        FULL JOIN stitched f
                            ON (f.entity_ref, f.type, f.target_ref) = (s.source_entity_ref, s.type, s.target_entity_ref)
                        WHERE s.type IS NULL OR f.type IS NULL
                        """)).isZero();
    }

    @Test
    void reachesEveryEntityFromARegisteredLocation() throws SQLException {
        assertThat(number("""
                        WITH RECURSIVE reached AS (
                            SELECT location_entity_ref::text AS entity_ref FROM locations
                            UNION
                            SELECT r.target_entity_ref
                            FROM refresh_state_references r
                            JOIN reached ON reached.entity_ref = r.source_entity_ref
                        )
                        SELECT count(*) FROM refresh_state LEFT JOIN reached USING (entity_ref)
                        WHERE reached.entity_ref IS NULL
                        """)).isZero();
    }

    @Test
    void flattensEveryFinalEntityForSearch() throws SQLException {
        assertThat(number("SELECT count(*) FROM search WHERE value IS DISTINCT FROM lower(original_value)"))
                .isZero();
        assertThat(number("""
                        SELECT count(*)
                        FROM final_entities f
                        JOIN search name ON name.entity_id = f.entity_id AND name.key = 'metadata.name'
                        JOIN search kind ON kind.entity_id = f.entity_id AND kind.key = 'kind'
                        WHERE f.entity_ref = kind.value || ':default/' || name.value
                        """)).isEqualTo(new CatalogGenerator(42, SCALE).entities());
        assertThat(number("""
                        SELECT count(*)
                        FROM search s
                        JOIN final_entities f USING (entity_id)
                        WHERE s.key LIKE 'relations.%'
                          AND NOT EXISTS (
                            SELECT
                            FROM relations r
                            WHERE r.source_entity_ref = f.entity_ref
                              AND 'relations.' || lower(r.type) = s.key
                              AND r.target_entity_ref = s.value
                          )
                        """)).isZero();
    }

    @Test
    void needsNoVacuumBeforeAnIndexAloneAnswers() throws SQLException {
        assertThat(Rows.strings(catalog, """
                        SELECT relname FROM pg_class
                        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relallvisible < relpages
                        """)).isEmpty();
    }

    private long number(String query) throws SQLException {
        return Rows.number(catalog, query);
    }
}
