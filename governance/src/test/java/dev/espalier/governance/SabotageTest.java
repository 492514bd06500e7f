package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.admission.Stamp;
import dev.espalier.control.request.ControlException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The probe finds whatever a superuser could do to a governed database that would show somebody more. */
@ExtendWith(Servers.class)
class SabotageTest {

    /** What is about the view and the filter that earlier ones have dropped, where all are done one after the other. */
    private static final List<String> IMPOSSIBLE_AFTER_OTHERS = List.of(
            "ALTER VIEW {schema}.customers OWNER TO postgres",
            "ALTER VIEW {schema}.customers SET (security_invoker = true)",
            "GRANT SELECT ON {schema}.customers TO PUBLIC",
            "CREATE OR REPLACE RULE r AS ON INSERT TO {schema}.customers DO INSTEAD NOTHING",
            "ALTER POLICY espalier_filter_{p} ON app.customers USING (true)");

    static int[] versions() {
        return Servers.versions();
    }

    /** The check that must find it, by the statement. */
    private static Map<String, String> sabotages() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("GRANT SELECT ON app.customers TO {analyst}", "grant");
        all.put("GRANT SELECT (email) ON app.customers TO {analyst}", "grant");
        all.put("GRANT SELECT ON app.customers TO PUBLIC", "grant");
        all.put("GRANT SELECT ON app.customers TO {profile}", "raw privilege");
        all.put("GRANT SELECT (salary) ON app.customers TO {profile}", "raw privilege");
        all.put("GRANT TRIGGER ON app.customers TO {profile}", "raw privilege");
        all.put("GRANT REFERENCES ON app.customers TO {profile}", "raw privilege");
        all.put("GRANT SELECT ON app.events_eu TO {profile}", "raw privilege");
        all.put("GRANT SELECT ON app.mails TO {profile}", "raw privilege");
        all.put(
                "CREATE TABLE app.base_t (email varchar(120)) ;; CREATE TABLE app.child_t () INHERITS (app.base_t)"
                        + " ;; INSERT INTO espalier_governance.relation_access SELECT '{p}', 'app.base_t'::regclass, true, false, NULL, 0"
                        + " ;; INSERT INTO espalier_governance.relation_access SELECT '{p}', 'app.child_t'::regclass, true, false, 'x', 0"
                        + " ;; GRANT SELECT ON app.base_t TO {profile}",
                "raw privilege");
        all.put("GRANT SELECT ON app.vip TO {profile}", "raw privilege");
        all.put("GRANT INSERT ON app.products TO {profile}", "grant");
        all.put("GRANT SELECT ON app.products TO {profile} WITH GRANT OPTION", "grant");
        all.put("GRANT pg_read_all_data TO {analyst}", "membership");
        all.put("GRANT app_owner TO {analyst}", "membership");
        all.put("CREATE ROLE middle_{db} IN ROLE app_owner ;; GRANT middle_{db} TO {analyst}", "membership");
        all.put("GRANT {other} TO {analyst}", "membership");
        all.put("GRANT {profile} TO {analyst} WITH ADMIN OPTION", "membership");
        all.put("GRANT {view} TO {analyst}", "membership");
        all.put("GRANT {view} TO app_owner", "view role");
        all.put("REVOKE {profile} FROM {analyst}", "no profile");
        all.put("ALTER ROLE {analyst} BYPASSRLS", "attribute");
        all.put("ALTER ROLE {analyst} SUPERUSER", "attribute");
        all.put("ALTER ROLE {analyst} CREATEROLE", "attribute");
        all.put("ALTER ROLE {analyst} REPLICATION", "attribute");
        all.put("ALTER ROLE {profile} LOGIN", "profile role");
        all.put("ALTER ROLE {view} BYPASSRLS", "profile role");
        all.put("GRANT pg_read_all_data TO {profile}", "profile role");
        all.put("ALTER TABLE app.customers OWNER TO {analyst}", "owner");
        all.put("ALTER FUNCTION app.find_email OWNER TO {analyst}", "owner");
        all.put("ALTER SCHEMA app OWNER TO {analyst}", "owner");
        all.put("ALTER DOMAIN app.address OWNER TO {analyst}", "owner");
        all.put("ALTER TYPE app.level OWNER TO {analyst}", "owner");
        all.put("CREATE TYPE app.pair AS (a text, b integer) ;; ALTER TYPE app.pair OWNER TO {analyst}", "owner");
        all.put("CREATE SEQUENCE app.loose_sequence ;; ALTER SEQUENCE app.loose_sequence OWNER TO {analyst}", "owner");
        all.put(
                "CREATE STATISTICS app.st ON email, phone FROM app.customers ;; ALTER STATISTICS app.st OWNER TO {analyst}",
                "owner");
        all.put(
                "CREATE OPERATOR app.=== (LEFTARG = text, RIGHTARG = text, PROCEDURE = texteq) ;; ALTER OPERATOR app.=== (text, text) OWNER TO {analyst}",
                "owner");
        all.put(
                "CREATE TEXT SEARCH DICTIONARY app.dict (TEMPLATE = simple) ;; ALTER TEXT SEARCH DICTIONARY app.dict OWNER TO {analyst}",
                "owner");
        all.put(
                "CREATE AGGREGATE app.most(text) (SFUNC = text_larger, STYPE = text) ;; ALTER AGGREGATE app.most(text) OWNER TO {analyst}",
                "owner");
        all.put("CREATE COLLATION app.coll FROM \"C\" ;; ALTER COLLATION app.coll OWNER TO {analyst}", "owner");
        all.put(
                "GRANT CREATE ON DATABASE {db} TO {analyst} ;; CREATE PUBLICATION pub ;; ALTER PUBLICATION pub OWNER TO {analyst}",
                "owner");
        all.put(
                "GRANT CREATE ON DATABASE {db} TO {analyst} ;; CREATE SCHEMA ext AUTHORIZATION {analyst} ;; SET LOCAL ROLE {analyst}"
                        + " ;; CREATE EXTENSION pg_trgm SCHEMA ext ;; RESET ROLE",
                "owner");
        all.put("ALTER TABLE app.products OWNER TO {profile}", "owner");
        all.put("ALTER TABLE app.customers OWNER TO {other}", "owner");
        all.put("ALTER TABLE app.products OWNER TO {view}", "owner");
        all.put(
                "DELETE FROM espalier_governance.compiled WHERE profile = '{p}' AND relid = 'app.customers'::regclass",
                "not compiled");
        all.put(
                "INSERT INTO espalier_governance.failure (profile, relid, message) VALUES ('{p}', 'app.products'::regclass, 'failed')",
                "failed and open");
        all.put("DROP VIEW {schema}.customers CASCADE", "view changed");
        all.put("ALTER VIEW {schema}.customers OWNER TO postgres", "view changed");
        all.put("ALTER VIEW {schema}.customers SET (security_invoker = true)", "view changed");
        all.put("GRANT SELECT ON {schema}.customers TO PUBLIC", "view changed");
        all.put("CREATE OR REPLACE RULE r AS ON INSERT TO {schema}.customers DO INSTEAD NOTHING", "view changed");
        all.put("DROP TRIGGER espalier_update ON {writing}.customers", "view changed");
        all.put("CREATE VIEW {schema}.more AS SELECT * FROM app.customers", "view schema");
        all.put("GRANT SELECT ON ALL TABLES IN SCHEMA {writing}_w TO {writer_profile}", "write view");
        all.put(
                "ALTER TABLE app.customers ADD CONSTRAINT c CHECK (length(region) < salary + 1000000000) NOT VALID",
                "write view");
        all.put(
                "ALTER TABLE app.products ADD COLUMN place text UNIQUE ;; ALTER TABLE app.customers"
                        + " ADD CONSTRAINT k FOREIGN KEY (region) REFERENCES app.products (place) ON UPDATE CASCADE NOT VALID",
                "telling key");
        all.put("ALTER FUNCTION app.audit() RESET search_path", "loose code");
        all.put("ALTER FUNCTION app.audit() SET search_path = app", "loose code");
        all.put(
                "CREATE FUNCTION app.see(v text) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN true; END'"
                        + " ;; ALTER TABLE app.contacts ENABLE ROW LEVEL SECURITY ;; CREATE POLICY own ON app.contacts USING (app.see(email))",
                "loose code");
        all.put(
                "CREATE FUNCTION app.norm(v text) RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN lower(v); END'"
                        + " ;; CREATE OR REPLACE VIEW app.vip AS SELECT id, app.norm(email)::varchar(120) AS email, salary, region FROM app.customers"
                        + " ;; INSERT INTO espalier_governance.mask SELECT '{p}', 'app.vip'::regclass, 2, 'NULL'",
                "loose code");
        all.put("CREATE ROLE nobody_{db} ;; ALTER VIEW app.vip OWNER TO nobody_{db}", "view owner");
        all.put(
                "GRANT INSERT ON app.products TO {profile} ;; UPDATE espalier_governance.held SET privileges = '{INSERT,SELECT}'"
                        + " WHERE profile = '{p}' AND relid = 'app.products'::regclass",
                "held");
        all.put("CREATE SEQUENCE app.numbers ;; GRANT UPDATE ON SEQUENCE app.numbers TO {profile}", "grant");
        all.put("CREATE SEQUENCE app.drained ;; GRANT USAGE ON SEQUENCE app.drained TO {profile}", "grant");
        all.put("GRANT USAGE ON SEQUENCE app.orders_id_seq TO {profile}", "grant");
        all.put("GRANT USAGE ON SCHEMA app TO {nobodys}", "grant");
        all.put("DROP POLICY espalier_filter_{p} ON app.customers", "row filter");
        all.put("ALTER POLICY espalier_filter_{p} ON app.customers USING (true)", "row filter");
        all.put("ALTER TABLE app.customers DISABLE ROW LEVEL SECURITY", "row filter");
        all.put(
                "CREATE POLICY small ON app.orders AS RESTRICTIVE TO {analyst} USING (amount < 10)"
                        + " ;; ALTER TABLE app.orders ENABLE ROW LEVEL SECURITY",
                "row security");
        all.put(
                "INSERT INTO espalier_governance.retired_view SELECT view, relid FROM espalier_governance.compiled"
                        + " WHERE relid = 'app.customers'::regclass",
                "view changed");
        all.put("ALTER EVENT TRIGGER espalier_end DISABLE", "hook");
        all.put("ALTER EVENT TRIGGER espalier_end ENABLE", "hook");
        all.put("DROP EVENT TRIGGER espalier_start", "hook");
        all.put("ALTER TABLE espalier_governance.adopted DISABLE TRIGGER espalier_commit", "hook");
        all.put(
                "CREATE OR REPLACE FUNCTION espalier_governance.is_busy() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
                "machinery");
        all.put(
                "CREATE OR REPLACE FUNCTION espalier_mask.redact(value text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT value'",
                "machinery");
        all.put("ALTER DEFAULT PRIVILEGES FOR ROLE app_owner GRANT SELECT ON TABLES TO PUBLIC", "grant");
        all.put("ALTER DEFAULT PRIVILEGES FOR ROLE app_owner GRANT SELECT ON TABLES TO {profile}", "grant");
        all.put("GRANT CREATE ON SCHEMA {schema} TO {profile}", "grant");
        all.put("GRANT CREATE ON SCHEMA app TO {profile}", "grant");
        all.put("GRANT CREATE ON SCHEMA app TO PUBLIC", "grant");
        all.put("GRANT CREATE ON DATABASE {db} TO {analyst}", "grant");
        all.put("GRANT SELECT ON pg_statistic TO PUBLIC", "grant");
        all.put("GRANT SELECT ON pg_largeobject TO {profile}", "grant");
        all.put("GRANT SELECT (rolpassword) ON pg_authid TO {analyst}", "grant");
        all.put("GRANT CREATE ON SCHEMA pg_catalog TO {analyst}", "grant");
        all.put(
                "SET LOCAL allow_system_table_mods = on ;; CREATE FUNCTION pg_catalog.leak() RETURNS text LANGUAGE sql SECURITY DEFINER"
                        + " AS 'SELECT email FROM app.customers LIMIT 1' ;; RESET allow_system_table_mods",
                "grant");
        all.put("UPDATE espalier_governance.mask SET expression = '{2}'", "frame");
        all.put("DELETE FROM espalier_governance.filter", "frame");
        all.put("UPDATE espalier_governance.profile SET bound = false", "frame");
        all.put("GRANT USAGE ON SCHEMA espalier_secret TO {analyst}", "secret");
        all.put("GRANT SELECT ON espalier_secret.key TO PUBLIC", "secret");
        all.put("GRANT ALL ON espalier_governance.busy TO {analyst}", "secret");
        all.put("ALTER TABLE espalier_secret.key OWNER TO app_owner", "secret");
        all.put("ALTER SCHEMA espalier_mask OWNER TO app_owner", "secret");
        all.put("GRANT EXECUTE ON FUNCTION app.find_email TO {analyst}", "grant");
        all.put("GRANT EXECUTE ON FUNCTION app.find_email TO PUBLIC", "grant");
        all.put("GRANT EXECUTE ON FUNCTION pg_read_file(text) TO {profile}", "dangerous function");
        all.put("UPDATE pg_language SET lanpltrusted = true WHERE lanname = 'c'", "language");
        all.put(
                "INSERT INTO espalier_governance.mask SELECT '{p}', 'app.products'::regclass, 2, 'NULL'",
                "raw privilege");
        all.put(
                "CREATE OR REPLACE FUNCTION app.visible(region text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN true; END'",
                "unsafe function");
        all.put(
                "CREATE OR REPLACE FUNCTION app.visible(region text) RETURNS boolean LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT true; END",
                "changed function");
        all.put("CREATE RULE r AS ON UPDATE TO app.products DO ALSO SELECT * FROM app.customers", "rule");
        all.put("CREATE EXTENSION citext ;; ALTER EXTENSION citext ADD TABLE app.customers", "extension");
        all.put("ALTER DEFAULT PRIVILEGES FOR ROLE app_owner GRANT EXECUTE ON FUNCTIONS TO {analyst}", "grant");
        all.put("ALTER DEFAULT PRIVILEGES FOR ROLE app_owner GRANT USAGE ON SCHEMAS TO {analyst}", "grant");
        return all;
    }

    @ParameterizedTest
    @MethodSource("versions")
    void everySabotageIsFound(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            assertThat(shop.govern().events()).noneMatch(warning -> warning.startsWith("Found and put right: "));
            assertThat(shop.probe()).isEmpty();
            Optional<Stamp> sound = Stamps.read(shop.admin);
            assertThat(sound).isPresent();
            List<String> missed = new ArrayList<>();
            sabotages().forEach((template, check) -> {
                String sql = fill(shop, template);
                try {
                    shop.run("BEGIN", "SELECT espalier_governance.begin_work()");
                    try {
                        shop.run(sql.split(" ;; "));
                        shop.run("SELECT espalier_governance.end_work()");
                        List<Probe.Finding> findings = shop.probe();
                        if (findings.stream()
                                .noneMatch(finding -> finding.check().equals(check))) {
                            missed.add(sql + " -> " + findings);
                        }
                        if (Stamps.read(shop.admin).equals(sound)) {
                            missed.add(sql + " -> taken for the state of before");
                        }
                    } finally {
                        shop.run("ROLLBACK");
                    }
                    if (!Stamps.read(shop.admin).equals(sound)) {
                        missed.add(sql + " -> when it is taken back, the state is not the one of before");
                    }
                } catch (SQLException e) {
                    missed.add(sql + " -> " + e.getMessage());
                }
            });
            assertThat(missed).isEmpty();
        }
    }

    /** But for what the server is: that cannot be changed in a database. */
    @Test
    void everyCheckHasASabotageThatItMustFind() {
        assertThat(Probe.CHECKS.stream().map(Probe.Check::name).filter(name -> !name.equals("server version")))
                .containsExactlyInAnyOrderElementsOf(Set.copyOf(sabotages().values()));
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatIsFoundIsPutRightOrNobodyIsLetIn(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            shop.run("BEGIN", "SELECT espalier_governance.begin_work()");
            List<String> inTheWay = new ArrayList<>();
            for (String template : sabotages().keySet()) {
                // Nobody but an administrator can put these right. Where a schema of Espalier's is gone, all is
                // made anew before anything is found.
                if (template.contains("pg_language")
                        || template.contains("EXTENSION")
                        || template.contains("OWNER TO app_owner")) {
                    continue;
                }
                shop.run("SAVEPOINT one");
                try {
                    shop.run(fill(shop, template).split(" ;; "));
                } catch (SQLException e) {
                    shop.run("ROLLBACK TO one");
                    inTheWay.add(template);
                }
            }
            assertThat(inTheWay).containsExactlyElementsOf(IMPOSSIBLE_AFTER_OTHERS);
            shop.run("SELECT espalier_governance.end_work()", "COMMIT");
            assertThat(shop.probe()).hasSizeGreaterThan(20);
            assertThat(shop.govern().events()).anyMatch(event -> event.startsWith("Found and put right: "));
            assertThat(shop.probe()).isEmpty();
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT * FROM app.customers"))
                    .hasMessageContaining("permission denied");

            assertThat(shop.read(shop.stranger, "SELECT count(*) > 0 FROM information_schema.schemata"))
                    .as("what PostgreSQL gives everybody he keeps")
                    .containsExactly("t");

            shop.run("UPDATE pg_language SET lanpltrusted = true WHERE lanname = 'c'");
            assertThatThrownBy(shop::govern)
                    .isInstanceOf(ControlException.class)
                    .hasMessageContaining("nobody can be let in")
                    .hasMessageContaining("language: PUBLIC: c");
        }
    }

    private static String fill(Shop shop, String template) {
        try {
            String p = profile(shop, shop.analyst);
            String w = profile(shop, shop.writer);
            return template.replace("{analyst}", shop.analyst)
                    .replace("{profile}", "espalier_profile_" + p)
                    .replace("{writer_profile}", "espalier_profile_" + w)
                    .replace("{nobodys}", "espalier_profile_" + profile(shop, shop.stranger))
                    .replace("{other}", "espalier_profile_" + profile(shop, shop.exempt))
                    .replace("{view}", "espalier_view_" + p)
                    .replace("{schema}", "app__" + p)
                    .replace("{writing}", "app__" + w)
                    .replace("{p}", p)
                    .replace("{db}", shop.database);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String profile(Shop shop, String role) throws SQLException {
        return Shop.read(shop.admin, "SELECT profile FROM espalier_governance.subject WHERE principal = '" + role + "'")
                .getFirst();
    }
}
