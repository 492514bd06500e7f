package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What somebody was given beside the rules is taken from him, whoever gave it and whatever it is called. */
@ExtendWith(Servers.class)
class GivenByOthersTest {

    static int[] versions() {
        return Servers.versions();
    }

    private static String tool(Shop shop) throws SQLException {
        String tool = "tool_" + shop.database;
        shop.run(
                "CREATE ROLE " + tool,
                "CREATE ROLE other_" + tool,
                "GRANT CREATE ON DATABASE " + shop.database + " TO " + tool + " WITH GRANT OPTION",
                "CREATE FOREIGN DATA WRAPPER nothing",
                "CREATE SERVER nowhere FOREIGN DATA WRAPPER nothing",
                "GRANT USAGE ON FOREIGN SERVER nowhere TO " + tool + " WITH GRANT OPTION",
                "SET ROLE app_owner",
                "CREATE SEQUENCE app.numbers",
                "SELECT lo_create(4712)",
                "GRANT ALL ON SCHEMA app TO " + tool + " WITH GRANT OPTION",
                "GRANT ALL ON SEQUENCE app.numbers TO " + tool + " WITH GRANT OPTION",
                "GRANT ALL ON TABLE app.products TO " + tool + " WITH GRANT OPTION",
                "GRANT ALL ON FUNCTION app.find_email(bigint) TO " + tool + " WITH GRANT OPTION",
                "GRANT ALL ON LARGE OBJECT 4712 TO " + tool + " WITH GRANT OPTION",
                "RESET ROLE");
        return tool;
    }

    private static void give(Shop shop, String giver, String grantee) throws SQLException {
        shop.run(
                "SET ROLE " + giver,
                "GRANT CREATE ON DATABASE " + shop.database + " TO " + grantee,
                "GRANT USAGE ON FOREIGN SERVER nowhere TO " + grantee,
                "GRANT CREATE, USAGE ON SCHEMA app TO " + grantee,
                "GRANT UPDATE ON SEQUENCE app.numbers TO " + grantee,
                "GRANT SELECT ON TABLE app.products TO " + grantee,
                "GRANT EXECUTE ON FUNCTION app.find_email(bigint) TO " + grantee,
                "GRANT UPDATE ON LARGE OBJECT 4712 TO " + grantee,
                "RESET ROLE");
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatOthersThanTheOwnerHaveGivenIsTakenToo(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            String tool = tool(shop);
            give(shop, tool, "PUBLIC");
            give(shop, tool, "other_" + tool + " WITH GRANT OPTION");
            give(shop, "other_" + tool, shop.analyst);
            shop.govern();
            assertThat(shop.probe()).isEmpty();
            assertThat(Shop.read(
                            shop.admin,
                            "SELECT has_schema_privilege('" + tool + "', 'app', 'USAGE'), has_table_privilege('" + tool
                                    + "', 'app.products', 'SELECT')"))
                    .as("what it has itself it keeps")
                    .containsExactly("t|t");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aRightToTheDatabaseThatAnotherHasGivenUnderTheRulesKeepsNobodyOut(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            String tool = tool(shop);
            shop.govern();
            // No event trigger hears of it.
            shop.run(
                    "SET ROLE " + tool,
                    "GRANT CREATE ON DATABASE " + shop.database + " TO " + shop.analyst,
                    "RESET ROLE");
            assertThat(shop.probe()).isNotEmpty();
            shop.govern();
            assertThat(shop.probe()).isEmpty();
            assertThatThrownBy(() -> shop.read(shop.analyst, "CREATE SCHEMA mine"))
                    .hasMessageContaining("permission denied");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aFunctionAndAProcedureOfOneNameAreToldApart(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE FUNCTION twin(integer) RETURNS integer LANGUAGE sql SECURITY DEFINER SET search_path = app, pg_temp AS 'SELECT $1'",
                    "CREATE PROCEDURE twin(OUT integer) LANGUAGE plpgsql SECURITY DEFINER SET search_path = app, pg_temp AS 'BEGIN END'",
                    "CREATE PROCEDURE twin_too(integer) LANGUAGE plpgsql SECURITY DEFINER SET search_path = app, pg_temp AS 'BEGIN END'",
                    "CREATE PROCEDURE twin_too(OUT integer) LANGUAGE plpgsql SECURITY DEFINER SET search_path = app, pg_temp AS 'BEGIN END'",
                    "CREATE PROCEDURE twin_too(INOUT integer, VARIADIC text[]) LANGUAGE plpgsql SECURITY DEFINER"
                            + " SET search_path = app, pg_temp AS 'BEGIN END'");
            shop.run("ALTER PROCEDURE app.twin_too(IN integer) OWNER TO " + shop.analyst);
            shop.govern();
            assertThat(shop.probe()).isEmpty();
            assertThat(Shop.read(
                            shop.admin,
                            "SELECT oid::regprocedure FROM pg_proc WHERE proname ~ '^twin' AND has_function_privilege('"
                                    + shop.analyst + "', oid, 'EXECUTE')"))
                    .isEmpty();
            assertThat(shop.read(shop.manager, "SELECT app.twin(1)"))
                    .as("whom the rules do not govern")
                    .containsExactly("1");
        }
    }
}
