package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.Grant;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Migrations go through also where their text does not name all that they alter, or another says them than may alter it. */
@ExtendWith(Servers.class)
class CalledMigrationTest {

    static int[] versions() {
        return Servers.versions();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aWholeIsAlteredAlsoWhereAPartHasViewsOrAFilterOfItsOwn(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE happening (id int PRIMARY KEY, c int, spare int)",
                    "CREATE TABLE happening_us (note text) INHERITS (happening)",
                    "INSERT INTO happening_us VALUES (1, 2, 3, 'SECRET')",
                    "CREATE TABLE visit (id int PRIMARY KEY, region text)",
                    "CREATE TABLE visit_us (seconds int) INHERITS (visit)",
                    "INSERT INTO visit_us VALUES (4, 'US', 5), (7, 'APAC', 8)");
            shop.classifyAll();
            shop.tag("happening_us", "note", "name");
            shop.tag("visit_us", "region", "region");
            shop.govern();
            shop.migrate(
                    "ALTER TABLE happening ALTER COLUMN c TYPE bigint",
                    "ALTER TABLE happening DROP COLUMN spare",
                    "ALTER TABLE app.happening RENAME COLUMN c TO counted",
                    "ALTER TABLE visit ALTER COLUMN region TYPE varchar(40)");
            assertThat(shop.probe()).isEmpty();
            assertThat(shop.read(shop.analyst, "SELECT counted, note FROM happening_us WHERE id = 1"))
                    .containsExactly("2|***");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aMigrationThatAFunctionDoesForWhomeverCallsItGoesThrough(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            String job = "job_" + shop.database;
            shop.run("CREATE ROLE " + job + " LOGIN", "GRANT USAGE ON SCHEMA app TO " + job);
            String definer = " SECURITY DEFINER SET search_path = app, pg_temp AS ";
            shop.migrate(
                    "CREATE FUNCTION rotate(n int) RETURNS void LANGUAGE plpgsql" + definer
                            + "$$BEGIN EXECUTE format('ALTER TABLE customers ALTER code TYPE varchar(%s)', n); END$$",
                    "CREATE FUNCTION \"Rotate in SQL\"() RETURNS void LANGUAGE sql" + definer
                            + "'ALTER TABLE customers ALTER code TYPE varchar(71)'",
                    "CREATE PROCEDURE nightly() LANGUAGE plpgsql" + definer + "'BEGIN PERFORM rotate(72); END'",
                    "REVOKE ALL ON FUNCTION rotate(int) FROM PUBLIC");
            for (String function : List.of("rotate", "Rotate in SQL", "nightly")) {
                shop.grants.add(new Grant(
                        new Securable(SecurableType.FUNCTION, SecurableName.of(Shop.CATALOG, "app", function)),
                        "analysts",
                        Privilege.EXECUTE));
            }
            shop.govern();
            shop.migrate("GRANT EXECUTE ON FUNCTION rotate(int), \"Rotate in SQL\"() TO " + job);
            for (String caller : List.of(job, shop.analyst)) {
                for (String call :
                        List.of("SELECT app.rotate(70)", "SELECT app.\"Rotate in SQL\"()", "CALL app.nightly()")) {
                    try (Connection session = shop.as(caller)) {
                        assertThatCode(() -> Shop.run(session, call))
                                .as(caller + ": " + call)
                                .doesNotThrowAnyException();
                    }
                    assertThat(shop.probe()).as(caller + ": " + call).isEmpty();
                }
            }
            assertThat(shop.read(shop.analyst, "SELECT full_name FROM customers WHERE id = 1"))
                    .containsExactly("***");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whoWritesIntoTheContextOfHisStatementThatAnOwnersFunctionHasLedToItKeepsNobodyWaiting(
            int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            String job = "job_" + shop.database;
            shop.run("CREATE ROLE " + job + " LOGIN", "GRANT USAGE ON SCHEMA app TO " + job);
            shop.migrate(
                    "CREATE FUNCTION harmless() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = app, pg_temp AS 'BEGIN END'");
            shop.govern();
            shop.migrate("GRANT EXECUTE ON FUNCTION harmless() TO " + job);
            String forged = "EXECUTE 'ALTER TABLE app.customers /*\"' || chr(10)"
                    + " || 'PL/pgSQL function app.harmless() line 1 at SQL statement' || chr(10) || '*/ ADD COLUMN x int'";
            try (Connection reader = shop.as(shop.analyst);
                    Connection session = shop.as(job)) {
                Shop.run(reader, "BEGIN", "SELECT count(*) FROM customers");
                Shop.run(
                        session,
                        "SET lock_timeout = '5s'",
                        "CREATE FUNCTION pg_temp.harmless() RETURNS void LANGUAGE plpgsql AS $f$BEGIN " + forged
                                + "; END$f$");
                for (String statement : List.of("DO $d$BEGIN " + forged + "; END$d$", "SELECT pg_temp.harmless()")) {
                    assertThatThrownBy(() -> Shop.run(session, statement))
                            .as(statement)
                            .hasMessageContaining("must be owner");
                }
            }
        }
    }
}
