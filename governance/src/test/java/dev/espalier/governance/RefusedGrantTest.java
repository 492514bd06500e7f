package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.metastore.Subject;
import dev.espalier.governance.statement.GovernanceStatement;
import dev.espalier.governance.statement.GovernanceStatement.GrantPrivileges;
import dev.espalier.governance.statement.StatementReader;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.util.PSQLException;

/** A grant that is the catalog's to make is refused, and the hint says how the catalog gives the same, if it does. */
@ExtendWith(Servers.class)
class RefusedGrantTest {

    private static final Pattern STATEMENT =
            Pattern.compile("Connect to the database system and say: (.*); or use: espalier grants update");

    static int[] versions() {
        return Servers.versions();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void anOwnersGrantIsRefusedWithTheStatementThatGivesTheSame(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE app.\"Odd (One)\" (id serial)",
                    "CREATE SEQUENCE app.numbers",
                    "CREATE FUNCTION app.\"of (all)\"(int) RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
                    "CREATE SCHEMA \"Side\"");
            shop.govern();
            Map<String, GrantPrivileges> statements = new LinkedHashMap<>();
            statements.put("GRANT SELECT ON app.customers TO PUBLIC", customers(Privilege.SELECT, Subject.EVERYONE));
            statements.put(
                    "GRANT SELECT (email) ON app.customers TO " + shop.analyst,
                    customers(Privilege.SELECT, shop.analyst));
            statements.put(
                    "GRANT SELECT ON app.customers TO " + shop.stranger, customers(Privilege.SELECT, shop.stranger));
            statements.put(
                    "GRANT UPDATE (phone) ON app.customers TO " + shop.analyst,
                    customers(Privilege.MODIFY, shop.analyst));
            statements.put(
                    "GRANT TRIGGER, DELETE ON app.customers TO " + shop.stranger,
                    customers(Privilege.MODIFY, shop.stranger));
            statements.put(
                    "DO $$BEGIN EXECUTE 'GRANT SELECT ON app.customers TO PUBLIC'; END$$",
                    customers(Privilege.SELECT, Subject.EVERYONE));
            statements.put(
                    "GRANT SELECT ON app.\"Odd (One)\" TO " + shop.stranger,
                    table("Odd (One)", Privilege.SELECT, shop.stranger));
            statements.put(
                    "GRANT USAGE ON SEQUENCE app.\"Odd (One)_id_seq\" TO " + shop.stranger,
                    table("Odd (One)", Privilege.MODIFY, shop.stranger));
            statements.put(
                    "GRANT USAGE ON SEQUENCE app.numbers TO " + shop.stranger,
                    schema("app", Privilege.MODIFY, shop.stranger));
            statements.put(
                    "GRANT EXECUTE ON FUNCTION app.find_email TO PUBLIC", function("find_email", Subject.EVERYONE));
            statements.put(
                    "GRANT EXECUTE ON FUNCTION app.\"of (all)\" TO " + shop.stranger,
                    function("of (all)", shop.stranger));
            statements.put(
                    "GRANT CREATE ON SCHEMA app TO " + shop.analyst,
                    schema("app", Privilege.CREATE_TABLE, shop.analyst));
            statements.put(
                    "GRANT USAGE ON SCHEMA \"Side\" TO " + shop.stranger,
                    schema("Side", Privilege.USE_SCHEMA, shop.stranger));
            statements.put(
                    "ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO PUBLIC",
                    schema("app", Privilege.SELECT, Subject.EVERYONE));
            statements.put(
                    "ALTER DEFAULT PRIVILEGES IN SCHEMA \"Side\" GRANT INSERT ON TABLES TO " + shop.analyst,
                    schema("Side", Privilege.MODIFY, shop.analyst));
            statements.put(
                    "ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT USAGE ON SEQUENCES TO " + shop.analyst,
                    schema("app", Privilege.MODIFY, shop.analyst));
            statements.put(
                    "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO " + shop.analyst,
                    given(SecurableType.CATALOG, SecurableName.of(Shop.CATALOG), Privilege.SELECT, shop.analyst));
            statements.put(
                    "ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO " + shop.analyst,
                    given(SecurableType.CATALOG, SecurableName.of(Shop.CATALOG), Privilege.USE_SCHEMA, shop.analyst));
            for (Map.Entry<String, GrantPrivileges> each : statements.entrySet()) {
                assertThat(instead(refused(shop, each.getKey())))
                        .as(each.getKey())
                        .contains(each.getValue());
            }
            shop.run("CREATE ROLE application_" + shop.database);
            shop.migrate("GRANT SELECT ON app.customers TO application_" + shop.database);
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aGrantOfWhatTheCatalogHasNotIsRefusedWithWhomToAsk(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.run(
                    "CREATE FOREIGN DATA WRAPPER away",
                    "CREATE SERVER \"Far away\" FOREIGN DATA WRAPPER away",
                    "ALTER SERVER \"Far away\" OWNER TO app_owner");
            shop.migrate("SELECT lo_create(424)");
            shop.govern();
            for (String statement : new String[] {
                "GRANT TRIGGER ON app.customers TO " + shop.writer,
                "GRANT REFERENCES (id) ON app.customers TO " + shop.writer,
                "GRANT TRUNCATE ON app.products TO " + shop.analyst,
                "GRANT SELECT ON LARGE OBJECT 424 TO " + shop.analyst,
                "GRANT USAGE ON FOREIGN SERVER \"Far away\" TO PUBLIC",
                "ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT REFERENCES ON TABLES TO " + shop.analyst
            }) {
                PSQLException refused = refused(shop, statement);
                assertThat(instead(refused)).as(statement).isEmpty();
                assertThat(refused.getMessage())
                        .as(statement)
                        .contains("The catalog has no privilege for this", "or who manages the project");
            }
            assertThat(shop.probe()).isEmpty();
        }
    }

    private static PSQLException refused(Shop shop, String statement) {
        PSQLException refused = Objects.requireNonNull(
                catchThrowableOfType(PSQLException.class, () -> shop.migrate(statement)), statement);
        assertThat(refused.getMessage()).as(statement).contains("the catalog governs it");
        assertThat(refused.getSQLState()).as(statement).isEqualTo("42501");
        return refused;
    }

    /** What the hint says to say, as the database system reads it. */
    private static Optional<GovernanceStatement> instead(PSQLException refused) {
        Matcher hint = STATEMENT.matcher(Objects.requireNonNull(
                Objects.requireNonNull(refused.getServerErrorMessage()).getHint()));
        return hint.matches() ? StatementReader.read(hint.group(1)) : Optional.empty();
    }

    private static GrantPrivileges customers(Privilege privilege, String to) {
        return table("customers", privilege, to);
    }

    private static GrantPrivileges table(String name, Privilege privilege, String to) {
        return given(SecurableType.TABLE, SecurableName.of(Shop.CATALOG, "app", name), privilege, to);
    }

    private static GrantPrivileges function(String name, String to) {
        return given(SecurableType.FUNCTION, SecurableName.of(Shop.CATALOG, "app", name), Privilege.EXECUTE, to);
    }

    private static GrantPrivileges schema(String name, Privilege privilege, String to) {
        return given(SecurableType.SCHEMA, SecurableName.of(Shop.CATALOG, name), privilege, to);
    }

    private static GrantPrivileges given(SecurableType type, SecurableName name, Privilege privilege, String to) {
        return new GrantPrivileges(Set.of(privilege), new Securable(type, name), to);
    }
}
