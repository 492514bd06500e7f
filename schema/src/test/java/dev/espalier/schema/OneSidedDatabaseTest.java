package dev.espalier.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.schema.model.DatabaseSchema;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A database that only one of two servers has. */
@ExtendWith(Servers.class)
class OneSidedDatabaseTest {

    @ParameterizedTest
    @ValueSource(ints = {18, 17, 16, 15})
    void isMadeByItsChangeAndFilledByTheScript(int version, Servers.Running servers) throws SQLException {
        Server server = servers.version(version);
        server.create("\"Only Here\"", "template1");
        server.execute(
                "Only%20Here",
                "ALTER DATABASE \"Only Here\" OWNER TO shop_owner",
                "GRANT CONNECT ON DATABASE \"Only Here\" TO reader",
                "COMMENT ON DATABASE \"Only Here\" IS 'for one'",
                "CREATE TABLE t (id integer PRIMARY KEY)");
        DatabaseSchema to = read(server, "Only%20Here");
        SchemaDiff diff = SchemaDiff.ofNewDatabase(read(server, "template1"), to);

        assertThat(diff.toText()).startsWith("""
                + database "Only Here": comment for one, privileges of reader CONNECT
                    ! the database is not there yet: make it\
                """).contains("\n+ table public.t\n");
        Change database = diff.changes().getFirst();
        assertThat(database.action()).isEqualTo(Action.ADDED);
        String create = database.ddl().getFirst();
        assertThat(create).startsWith("CREATE DATABASE \"Only Here\" ENCODING 'UTF8' LOCALE_PROVIDER libc ");
        assertThat(diff.toScript().lines())
                .startsWith(
                        "-- ! database \"Only Here\": " + database.warnings().getFirst(), "-- " + create + ";")
                .contains("ALTER DATABASE \"Only Here\" OWNER TO shop_owner;");
        assertThat(diff.toDdl()).noneMatch(sql -> sql.startsWith("CREATE DATABASE"));

        server.execute("postgres", "DROP DATABASE \"Only Here\"", create);
        server.execute("Only%20Here", diff.toScript());
        assertThat(SchemaDiff.between(read(server, "Only%20Here"), to).toText()).isEmpty();
        server.execute("postgres", "DROP DATABASE \"Only Here\"");
    }

    @ParameterizedTest
    @ValueSource(ints = {18, 15})
    void isToldEvenIfItIsEmpty(int version, Servers.Running servers) throws SQLException {
        Server server = servers.version(version);
        server.create("bare", "template1");
        SchemaDiff diff = SchemaDiff.ofNewDatabase(read(server, "template1"), read(server, "bare"));
        assertThat(diff.isEmpty()).isFalse();
        assertThat(diff.changes()).hasSize(1);
        server.execute("postgres", "DROP DATABASE bare");
    }

    @ParameterizedTest
    @ValueSource(ints = {18, 15})
    void isDroppedAsAWhole(int version, Servers.Running servers) throws SQLException {
        Server server = servers.version(version);
        server.create("superfluous", "template1");
        server.execute("superfluous", "CREATE TABLE t (id integer)");
        SchemaDiff diff = SchemaDiff.ofRemovedDatabase(read(server, "superfluous"));

        String warning = "the database and all its rows are lost; it is dropped while connected to another one, outside"
                + " of a transaction";
        assertThat(diff.toText()).isEqualTo("- database superfluous\n    ! " + warning + "\n");
        assertThat(diff.toDdl()).isEmpty();
        assertThat(diff.toScript()).isEqualTo("""
                -- ! database superfluous: %s
                -- DROP DATABASE superfluous;
                """.formatted(warning));
        List<String> drop = diff.changes().getFirst().ddl();
        assertThat(drop).containsExactly("DROP DATABASE superfluous");
        server.execute("postgres", drop.getFirst());
    }

    private static DatabaseSchema read(Server server, String database) throws SQLException {
        try (Connection connection = server.connect(database)) {
            return SchemaReader.read(connection);
        }
    }
}
