package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.admission.Proof;
import dev.espalier.control.admission.Sight;
import dev.espalier.control.metastore.ColumnName;
import dev.espalier.control.metastore.Condition;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(Servers.class)
class GovernorTest {

    static int[] versions() {
        return Servers.versions();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whoIsBoundReadsMasksAndWhoIsExemptReadsEverything(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            Proof proof = shop.govern();
            assertThat(proof.governed()).isTrue();
            assertThat(proof.checks()).hasSizeGreaterThan(20);

            assertThat(
                            shop.read(
                                    shop.analyst,
                                    "SELECT id, email, full_name, phone, salary, notes, email_domain, second_email FROM customers WHERE id = 1"))
                    .containsExactly(
                            "1|S***@corp.example|***|***T1|null|{\"tier\": 1, \"profile\": {\"email\": \"***\"}}|null|S***@x.com");
            assertThat(shop.read(shop.exempt, "SELECT id, email, salary FROM customers WHERE id = 1"))
                    .containsExactly("1|SECRETuser1@corp.example|4242001.00");
            assertThat(shop.read(shop.analyst, "SELECT DISTINCT region FROM customers ORDER BY 1"))
                    .containsExactly("EU", "US");
            assertThat(shop.read(shop.exempt, "SELECT DISTINCT region FROM customers ORDER BY 1"))
                    .containsExactly("APAC", "EU", "US");
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT email FROM app.customers"))
                    .hasMessageContaining("permission denied");
            assertThatThrownBy(() -> shop.read(shop.stranger, "SELECT * FROM app.products"))
                    .hasMessageContaining("permission denied");
            assertThat(shop.read(shop.analyst, "SELECT title FROM products ORDER BY id"))
                    .containsExactly("chair", "table");
            assertThat(shop.read(shop.manager, "SELECT count(*) FROM app.customers"))
                    .containsExactly("302");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void theSameRulesAgainChangeNothing(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            Proof first = shop.govern();
            String views =
                    String.join(",", Shop.read(shop.admin, "SELECT view FROM espalier_governance.compiled ORDER BY 1"));
            Proof second = shop.governor.admit(shop.admin, shop.rules(), Optional.empty());
            assertThat(second.frame()).isEqualTo(first.frame());
            assertThat(String.join(
                            ",", Shop.read(shop.admin, "SELECT view FROM espalier_governance.compiled ORDER BY 1")))
                    .isEqualTo(views);
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void withoutRulesNothingIsInstalled(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.grants.clear();
            shop.policies.clear();
            Proof proof = shop.govern();
            assertThat(proof.governed()).isFalse();
            assertThat(Shop.read(shop.admin, "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'espalier%'"))
                    .containsExactly("0");
            try (Connection session = shop.as(shop.stranger)) {
                assertThat(Shop.read(session, "SELECT 1")).containsExactly("1");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whereTheLastRuleIsTakenAwayNothingIsProved(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            assertThat(shop.govern().checks()).isNotEmpty();
            shop.grants.clear();
            shop.policies.clear();
            Proof proof = shop.govern();
            assertThat(proof.governed()).isFalse();
            assertThat(proof.checks()).isEmpty();
        }
    }

    private static boolean isFound(Shop shop, String path) throws SQLException {
        Shop.run(shop.admin, "ALTER ROLE " + shop.writer + " SET search_path = " + path);
        return shop.governor.prepareRole(shop.admin, shop.writer).views().stream()
                .filter(view -> view.schema().equals("app") && view.table().equals("customers"))
                .allMatch(Sight.View::found);
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whoRewritesStatementsIsToldWhereThingsAre(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            Sight.View customers = shop.governor.prepareRole(shop.admin, shop.writer).views().stream()
                    .filter(view -> view.table().equals("customers"))
                    .findFirst()
                    .orElseThrow();
            assertThat(customers.schema()).isEqualTo("app");
            assertThat(customers.writeSchema()).hasValue(customers.readSchema() + "_w");
            assertThat(shop.read(
                            shop.writer, "SELECT email FROM " + customers.readSchema() + ".customers WHERE id = 1"))
                    .containsExactly("S***@corp.example");
            assertThat(customers.found()).isTrue();
            assertThat(isFound(shop, "\"$user\", public")).isFalse();
            assertThat(isFound(shop, "public, app")).isTrue();
            Shop.run(shop.admin, "CREATE TABLE public.customers (id int)");
            assertThat(isFound(shop, "public, app")).isFalse();
            assertThat(isFound(shop, "\"app\", public")).isTrue();
            Sight analyst = shop.governor.prepareRole(shop.admin, shop.analyst);
            assertThat(analyst.bound()).isTrue();
            assertThat(analyst.views())
                    .isNotEmpty()
                    .allSatisfy(view -> assertThat(view.writeSchema()).isEmpty());
            Sight exempt = shop.governor.prepareRole(shop.admin, shop.exempt);
            assertThat(exempt.bound()).isFalse();
            assertThat(exempt.views()).isEmpty();
            assertThat(shop.governor.prepareRole(shop.admin, shop.manager)).isEqualTo(Sight.FREE);
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void viewsOfTheApplicationsShowWhatTheirTablesShow(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT * FROM titles ORDER BY 1"))
                    .containsExactly("chair", "table");
            assertThat(shop.read(shop.exempt, "SELECT email FROM vip_orders WHERE id = 1"))
                    .containsExactly("SECRETuser2@corp.example");
            assertThat(shop.read(shop.analyst, "SELECT count(*) FROM vip_orders"))
                    .as("the view asks for a salary, which is NULL for him")
                    .containsExactly("0");
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT * FROM app.vip"))
                    .hasMessageContaining("permission denied");
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT * FROM mails"))
                    .as("rows that a filter hides lie open in it")
                    .hasMessageContaining("permission denied");
            shop.drop("no_apac");
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT id, email, salary FROM mails WHERE email IS NULL LIMIT 1"))
                    .hasSize(1);
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatPostgresMakesOfWhatIsMaskedIsGivenToNoMaskAndNoFilter(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.drop("no_apac");
            shop.migrate("CREATE FUNCTION other(a text, b text) RETURNS text LANGUAGE sql IMMUTABLE RETURN b");
            ColumnName domain = new ColumnName(Shop.CATALOG, "app", "customers", "email_domain");
            ColumnName mail = new ColumnName(Shop.CATALOG, "app", "mails", "email");
            shop.tag("customers", "email_domain", "name");
            shop.tag("mails", "email", "name");
            shop.columnTags.put(
                    new ColumnName(Shop.CATALOG, "app", "customers", "code"), Map.of("shows", "", "given", "domain"));
            shop.govern();
            String domains = "SELECT DISTINCT email_domain FROM customers";
            assertThat(shop.read(shop.analyst, domains)).containsExactly("null");
            assertThat(shop.read(shop.analyst, "SELECT DISTINCT email FROM mails"))
                    .containsExactly("null");
            assertThat(shop.probe()).isEmpty();
            shop.drop("mask_email");
            shop.govern();
            assertThat(shop.read(shop.analyst, domains))
                    .as("what it is made of is not masked")
                    .containsExactly("***");

            shop.mask("mask_email", "email", "system.mask.email");
            shop.columnTags.put(domain, Map.of("given", ""));
            shop.policies.add(new Policy(
                    "id-show",
                    "show",
                    Optional.empty(),
                    new Securable(SecurableType.CATALOG, SecurableName.of(Shop.CATALOG)),
                    Set.of("analysts"),
                    Set.of("pii"),
                    new Condition.Always(),
                    List.of(
                            new Policy.Match("c", new Condition.HasTag("shows")),
                            new Policy.Match("d", new Condition.HasTagValue("given", ""))),
                    new Policy.ColumnMask("shop.app.other", "c", List.of(new Policy.Alias("d")))));
            shop.govern();
            assertThat(shop.read(shop.analyst, "SELECT DISTINCT code FROM customers"))
                    .as("a mask of another column, which is given it")
                    .containsExactly("null");
            shop.drop("show");

            shop.policy(
                    "guess",
                    Set.of("analysts"),
                    new Condition.HasTag("given"),
                    new Policy.RowFilter(
                            "system.mask.is_one_of",
                            List.of(new Policy.Alias("c"), new Policy.Constant("SECRETuser1@corp.example"))));
            shop.columnTags.remove(new ColumnName(Shop.CATALOG, "app", "customers", "code"));
            assertThat(shop.govern().warnings())
                    .anyMatch(warning -> warning.contains("app.customers") && warning.contains("its row filter"));
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT id FROM customers"))
                    .hasMessageContaining("permission denied");
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT id FROM vip"))
                    .hasMessageContaining("permission denied");
            assertThat(shop.read(shop.exempt, "SELECT count(*) FROM customers")).containsExactly("302");
            shop.columnTags.remove(domain);
            shop.columnTags.put(mail, Map.of("given", ""));
            assertThat(shop.govern().warnings())
                    .anyMatch(warning -> warning.contains("app.mails") && warning.contains("its row filter"));
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT id FROM mails"))
                    .hasMessageContaining("permission denied");
            assertThat(shop.read(shop.analyst, "SELECT count(*) FROM customers"))
                    .as("which is closed no more")
                    .containsExactly("302");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aViewOfAFilteredViewWhoseNameIsTakenElsewhereStaysFiltered(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE all_deals (id integer, region text)",
                    "INSERT INTO all_deals VALUES (1, 'EU'), (2, 'APAC')",
                    "CREATE SCHEMA b",
                    "CREATE VIEW b.deals AS SELECT * FROM app.all_deals",
                    "CREATE VIEW b.report AS SELECT * FROM b.deals",
                    "CREATE VIEW b.again AS SELECT * FROM b.report");
            shop.classifyAll();
            shop.columnTags.put(new ColumnName(Shop.CATALOG, "b", "deals", "region"), Map.of("region", ""));
            shop.govern();
            String views = Shop.read(
                            shop.admin,
                            "SELECT relnamespace::regnamespace FROM espalier_governance.compiled k JOIN pg_class c ON c.oid = k.view"
                                    + " JOIN espalier_governance.subject s USING (profile)"
                                    + " WHERE k.relid = 'b.report'::regclass AND s.principal = '" + shop.analyst + "'")
                    .getFirst();
            assertThat(shop.read(shop.analyst, "SELECT id FROM " + views + ".report"))
                    .containsExactly("1");
            shop.migrate(
                    "CREATE SCHEMA a",
                    "CREATE TABLE a.deals ()",
                    "CREATE OR REPLACE VIEW b.report AS SELECT * FROM b.deals");
            shop.govern();
            for (String view : List.of("report", "again")) {
                assertThat(shop.read(shop.analyst, "SELECT id FROM " + views + "." + view))
                        .as(view)
                        .containsExactly("1");
                assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT id FROM b." + view))
                        .hasMessageContaining("permission denied");
            }
            assertThat(shop.probe()).isEmpty();
        }
    }
}
