package dev.espalier.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.schema.model.DatabaseSchema;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
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

    private static DatabaseSchema fixture(Servers.Running servers, int version) throws SQLException {
        return SchemaReader.read(servers.fixture(version));
    }
}
