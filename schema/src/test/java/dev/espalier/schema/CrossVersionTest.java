package dev.espalier.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.ObjectId;
import dev.espalier.schema.model.SchemaObject;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Schemas of servers of different major versions. */
@ExtendWith(Servers.class)
class CrossVersionTest {

    @Test
    void findsNothingButVersionsOfExtensionsBetweenMajorVersions(Servers.Running servers) throws SQLException {
        for (List<Integer> pair : List.of(List.of(15, 18), List.of(18, 15), List.of(16, 17), List.of(15, 16))) {
            DatabaseSchema from = fixture(servers, pair.getFirst());
            DatabaseSchema to = fixture(servers, pair.getLast());
            assertThat(SchemaDiff.between(from, to).changes())
                    .as("from %s to %s", pair.getFirst(), pair.getLast())
                    .allSatisfy(change -> assertThat(change.kind()).isEqualTo("extension"));
        }
    }

    @Test
    void buildsASchemaOfAnotherMajorVersion(Servers.Running servers) throws SQLException {
        for (List<Integer> pair : List.of(List.of(15, 18), List.of(18, 15))) {
            int here = pair.getFirst();
            DatabaseSchema to = fixture(servers, pair.getLast());
            Server server = servers.version(here);
            String database = "built_from_" + pair.getLast();
            server.create(database, "template1");
            try (Connection connection = server.connect(database)) {
                DatabaseSchema empty = SchemaReader.read(connection);
                Databases.apply(connection, SchemaDiff.between(empty, to).toDdl());
                assertThat(SchemaDiff.between(SchemaReader.read(connection), to).changes())
                        .as("from %s to %s", here, pair.getLast())
                        .allSatisfy(change -> assertThat(change.kind()).isEqualTo("extension"));
            }
        }
    }

    @Test
    void tellsWhatAnOlderServerCannotMakeAndMakesTheRest(Servers.Running servers) throws SQLException {
        DatabaseSchema to;
        try (Scratch newer = new Scratch(servers.fixture(18))) {
            to = newer.readAfter("""
                    CREATE TABLE app.modern (
                        id integer CONSTRAINT id_known NOT NULL,
                        a integer CONSTRAINT inside NOT NULL NO INHERIT,
                        twice integer GENERATED ALWAYS AS (a * 2) VIRTUAL,
                        valid_at tstzrange,
                        CONSTRAINT modern_key PRIMARY KEY (id, valid_at WITHOUT OVERLAPS),
                        CONSTRAINT unsaid CHECK (a > 0) NOT ENFORCED
                    );
                    GRANT ALL ON app.modern TO reader""");
        }
        try (Scratch older = new Scratch(servers.fixture(15))) {
            older.apply(withoutExtensions(older.read(), to));
            assertThat(withoutExtensions(older.read(), to).changes())
                    .extracting(Change::identity, Change::warnings)
                    .containsExactly(
                            tuple(
                                    "modern_key on app.modern",
                                    List.of("not made: PostgreSQL 15 has no keys over periods of time")),
                            tuple(
                                    "unsaid on app.modern",
                                    List.of("not made: PostgreSQL 15 has no constraints that are not enforced")));
        }
    }

    @Test
    void comparesNoPrivilegeThatAnOlderServerDoesNotKnow(Servers.Running servers) throws SQLException {
        String tables =
                "CREATE TABLE app.t (a integer); CREATE TABLE app.u (a integer); CREATE TABLE app.v (a integer);";
        DatabaseSchema newer;
        try (Scratch scratch = new Scratch(servers.fixture(17))) {
            newer = scratch.readAfter(tables, """
                    GRANT MAINTAIN, SELECT, TRUNCATE ON app.t TO reader;
                    GRANT SELECT ON app.t TO writer WITH GRANT OPTION;
                    GRANT MAINTAIN ON app.t TO writer WITH GRANT OPTION;
                    GRANT MAINTAIN ON app.u TO reader;
                    REVOKE MAINTAIN ON app.u FROM postgres;
                    REVOKE ALL ON app.v FROM postgres;
                    GRANT MAINTAIN ON app.v TO postgres;
                    ALTER DEFAULT PRIVILEGES GRANT MAINTAIN ON TABLES TO reader;
                    ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT INSERT, MAINTAIN ON TABLES TO reader""");
        }
        try (Scratch scratch = new Scratch(servers.fixture(16))) {
            scratch.execute(tables);
            SchemaDiff diff = withoutExtensions(scratch.read(), newer);
            assertThat(diff.toText().lines().map(String::strip))
                    .doesNotContain("")
                    .noneMatch(line -> line.contains("MAINTAIN"));
            assertThat(diff.changes())
                    .extracting(Change::identity)
                    .containsExactly("app.t", "app.v", "on TABLES of postgres in app");
            scratch.apply(diff);
            DatabaseSchema older = scratch.read();
            assertThat(withoutExtensions(older, newer).toText()).isEmpty();
            assertThat(withoutExtensions(newer, older).toText()).isEmpty();
        }
    }

    @Test
    void tellsWhatAnOlderServerCannotComputeAndLeavesIt(Servers.Running servers) throws SQLException {
        String split =
                "CREATE TABLE app.split (k integer, twice integer GENERATED ALWAYS AS (k * 2) STORED) PARTITION BY LIST (k)";
        String own = "CREATE TABLE app.split_1 PARTITION OF app.split (twice GENERATED ALWAYS AS (k * 3) STORED)"
                + " FOR VALUES IN (1)";
        DatabaseSchema to;
        try (Scratch newer = new Scratch(servers.fixture(18))) {
            to = newer.readAfter(split, own);
        }
        try (Scratch older = new Scratch(servers.fixture(16))) {
            older.execute(split, own.replace("3", "4"));
            SchemaDiff diff = withoutExtensions(older.read(), to);
            assertThat(diff.changes())
                    .extracting(Change::identity, Change::ddl, Change::warnings)
                    .containsExactly(tuple(
                            "app.split_1.twice",
                            List.of(),
                            List.of("not changed: PostgreSQL 16 cannot give a column that is inherited"
                                    + " another expression: make the table anew and copy the rows")));
            assertThat(diff.toDdl()).isEmpty();
        }
        try (Scratch oldest = new Scratch(servers.fixture(15))) {
            SchemaDiff diff = withoutExtensions(oldest.read(), to);
            oldest.apply(diff);
            String warning = "it gets its parent's expression, as PostgreSQL 15 gives it no other";
            assertThat(diff.changes())
                    .filteredOn(change -> change.warnings().equals(List.of(warning)))
                    .hasSize(1);
            assertThat(withoutExtensions(oldest.read(), to).changes())
                    .extracting(Change::identity)
                    .containsExactly("app.split_1.twice");
        }
    }

    /** The difference when each server keeps its own versions of the extensions. */
    private static SchemaDiff withoutExtensions(DatabaseSchema from, DatabaseSchema to) {
        return SchemaDiff.between(withoutExtensions(from), withoutExtensions(to));
    }

    private static DatabaseSchema withoutExtensions(DatabaseSchema schema) {
        Map<ObjectId, SchemaObject> objects = new TreeMap<>(schema.objects());
        objects.keySet().removeIf(id -> id.kind() == Kind.EXTENSION);
        return schema.with(objects);
    }

    private static DatabaseSchema fixture(Servers.Running servers, int version) throws SQLException {
        return SchemaReader.read(servers.fixture(version));
    }
}
