package dev.espalier.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.schema.model.DatabaseSchema;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(Servers.class)
class FixtureTest {

    @ParameterizedTest
    @ValueSource(ints = {18, 17, 16, 15})
    void findsNothingBetweenADatabaseAndItsCopy(int version, Servers.Running servers) throws SQLException {
        Server server = servers.version(version);
        server.create("rich", "template1");
        server.execute("rich", Databases.resource("fixture.sql"));
        server.create("copy", "rich");
        SchemaDiff diff = SchemaDiff.between(Databases.read(server, "rich"), Databases.read(server, "copy"));
        assertThat(diff.toText()).isEmpty();
        assertThat(diff.isEmpty()).isTrue();
        assertThat(diff.toDdl()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {18, 17, 16, 15})
    void buildsTheWholeSchemaFromNothingAndTakesItDownAgain(int version, Servers.Running servers) throws SQLException {
        Server server = servers.version(version);
        server.create("source", "template1");
        server.execute("source", Databases.resource("fixture.sql"));
        server.create("target", "template1");
        DatabaseSchema full = Databases.read(server, "source");
        DatabaseSchema empty = Databases.read(server, "target");
        try (Connection target = server.connect("target")) {
            Databases.apply(target, SchemaDiff.between(empty, full).toDdl());
            assertThat(SchemaDiff.between(SchemaReader.read(target), full).toText())
                    .isEmpty();
            Databases.apply(target, SchemaDiff.between(full, empty).toDdl());
            assertThat(SchemaDiff.between(SchemaReader.read(target), empty).toText())
                    .isEmpty();
        }
    }
}
