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
        DatabaseSchema fixture = SchemaReader.read(servers.fixture(version));
        try (Connection copy = servers.version(version).connect("copy")) {
            SchemaDiff diff = SchemaDiff.between(fixture, SchemaReader.read(copy));
            assertThat(diff.toText()).isEmpty();
            assertThat(diff.isEmpty()).isTrue();
            assertThat(diff.toDdl()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {18, 17, 16, 15})
    void buildsTheWholeSchemaFromNothingAndTakesItDownAgain(int version, Servers.Running servers) throws SQLException {
        DatabaseSchema full = SchemaReader.read(servers.fixture(version));
        Server server = servers.version(version);
        server.create("target", "template1");
        try (Connection target = server.connect("target")) {
            DatabaseSchema empty = SchemaReader.read(target);
            Databases.apply(target, SchemaDiff.between(empty, full).toDdl());
            assertThat(SchemaDiff.between(SchemaReader.read(target), full).toText())
                    .isEmpty();
            Databases.apply(target, SchemaDiff.between(full, empty).toDdl());
            assertThat(SchemaDiff.between(SchemaReader.read(target), empty).toText())
                    .isEmpty();
        }
    }
}
