package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static dev.espalier.control.TestPlane.PLAIN;

import dev.espalier.control.metastore.Changed;
import dev.espalier.control.metastore.DefinedPolicy;
import dev.espalier.control.metastore.Grant;
import dev.espalier.control.metastore.Grants;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.PolicyDefinition;
import dev.espalier.control.metastore.PolicyDefinition.MatchText;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableNames;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.metastore.TagAssignments.Entity;
import dev.espalier.control.request.Moment;
import dev.espalier.control.setting.Expiration;
import dev.espalier.identity.Principal;
import dev.espalier.identity.PrincipalKind;
import dev.espalier.storage.Backend;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** A project with a table of people, principals and tags, for tests of what governs it; made anew for each class. */
abstract class GovernedShop {

    static final String DATABASE = "databricks_postgres";
    static final SecurableName PEOPLE = SecurableName.of(DATABASE, "public", "people");
    static final Securable CATALOG = SecurableNames.parse(SecurableType.CATALOG, DATABASE);
    static final Securable TABLE = new Securable(SecurableType.TABLE, PEOPLE);
    static final Entity EMAIL = new Entity(PEOPLE, Optional.of("email"));
    static final Entity PHONE = new Entity(PEOPLE, Optional.of("phone"));
    static final String MASKED = "SELECT coalesce(min(email), 'hidden') FROM espalier_seen.people";

    @TempDir
    static Path directory;

    static TestPlane test;
    static Principal root;
    static Principal steward;
    static Directory.Entry analysts;
    static Directory.Entry testers;

    @BeforeAll
    static void start() throws SQLException {
        test = TestPlane.start(directory, Backend.COPY);
        test.plane.principals().addAdministrator("root-id", "root", "none");
        root = test.plane.principals().named("root").orElseThrow();
        user("ann");
        user("bob");
        user("steward");
        analysts = group("analysts", "ann");
        testers = group("testers", "bob");
        steward = test.plane.principals().named("steward").orElseThrow();
        test.succeed(test.plane.projects().create(CALLER, "shop", PLAIN));
        test.plane
                .access()
                .change(
                        root,
                        "shop",
                        List.of(
                                new AccessLists.Wanted("ann", Optional.empty(), Permission.CAN_USE),
                                new AccessLists.Wanted("bob", Optional.empty(), Permission.CAN_MANAGE),
                                new AccessLists.Wanted("steward", Optional.empty(), Permission.CAN_USE)),
                        false);
        test.execute("production", """
                CREATE TABLE people (id int, email text, phone text, city text);
                INSERT INTO people VALUES (1, 'ann@example.com', '555', 'Bern');
                CREATE VIEW cities AS SELECT city FROM people;
                CREATE FUNCTION in_bern(c text) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN c = 'Bern';
                CREATE FUNCTION loose(c text) RETURNS boolean LANGUAGE sql AS 'SELECT true'
                """);
        test.plane.metastore().governedTags().create(root, "pii", Optional.empty(), List.of("email", "phone"));
        test.plane.metastore().governedTags().create(root, "area", Optional.empty(), List.of());
        tag(EMAIL, "pii", "email");
        tag(PHONE, "pii", "phone");
    }

    static void user(String name) {
        test.plane
                .directory()
                .create(
                        root,
                        new Directory.NewPrincipal(
                                PrincipalKind.SERVICE_PRINCIPAL,
                                name,
                                Optional.empty(),
                                Optional.empty(),
                                true,
                                Set.of()));
    }

    static Directory.Entry group(String name, String... members) {
        Set<Long> ids = new HashSet<>();
        for (String member : members) {
            ids.add(test.plane
                    .directory()
                    .get(test.plane.principals().named(member).orElseThrow())
                    .id());
        }
        return test.plane
                .directory()
                .create(
                        root,
                        new Directory.NewPrincipal(
                                PrincipalKind.GROUP, name, Optional.empty(), Optional.empty(), true, ids))
                .after()
                .orElseThrow();
    }

    static void tag(Entity entity, String key, String value) {
        test.plane.metastore().tagAssignments().create(root, entity, key, value);
    }

    /** Everything but the first state is undone, by one whom no policy binds. */
    @AfterEach
    void clean() {
        test.admission.failure = Optional.empty();
        for (Securable on : List.of(CATALOG, TABLE)) {
            for (DefinedPolicy policy : test.plane.metastore().policies().list(root, on, false)) {
                test.plane
                        .metastore()
                        .policies()
                        .delete(root, on, policy.definition().name());
            }
        }
    }

    @AfterAll
    static void stop() {
        test.close();
        TestPlane.stopLeftovers(directory);
    }

    static PolicyDefinition mask(String name, Set<String> to, Set<String> except, String tag) {
        return new PolicyDefinition(
                name,
                Optional.empty(),
                CATALOG,
                to,
                except,
                "TRUE",
                List.of(new MatchText("c", "has_tag_value('pii', '" + tag + "')")),
                new Policy.ColumnMask("system.mask.redact", "c", List.of()));
    }

    static PolicyDefinition mask() {
        return mask("hide_email", Set.of("analysts"), Set.of(), "email");
    }

    static PolicyDefinition filter(String function, String alias) {
        return new PolicyDefinition(
                "only_bern",
                Optional.empty(),
                TABLE,
                Set.of("analysts"),
                Set.of(),
                "TRUE",
                List.of(new MatchText("c", "has_tag('area')")),
                new Policy.RowFilter(function, List.of(new Policy.Alias(alias))));
    }

    static Changed<DefinedPolicy> define(PolicyDefinition policy) {
        return test.plane.metastore().policies().create(root, policy);
    }

    static String seen(String branch) throws SQLException {
        return seen(branch, Endpoint.PRIMARY);
    }

    static String seen(String branch, String endpointId) throws SQLException {
        Endpoint endpoint = test.plane.endpoints().get("shop", branch, endpointId);
        test.plane.endpoints().wake(endpoint.uid());
        try (Connection session = test.engine.connect(endpoint.uid(), DATABASE);
                var statement = session.createStatement();
                var rows = statement.executeQuery(MASKED)) {
            rows.next();
            return rows.getString(1);
        }
    }

    /** As the superuser in a database on production. */
    static void inDatabase(String database, String sql) throws SQLException {
        Endpoint primary = test.plane.endpoints().get("shop", "production", Endpoint.PRIMARY);
        try (Connection session = test.engine.connect(primary.uid(), database);
                var statement = session.createStatement()) {
            statement.execute(sql);
        }
    }

    static Operation branch(String name) {
        return test.plane
                .branches()
                .create(
                        CALLER,
                        "shop",
                        name,
                        new NewBranch(Optional.empty(), new Moment.Now(), false, new Expiration.Never()),
                        false);
    }

    static String isSuperuser(String role) throws SQLException {
        return test.query("production", "SELECT pg_has_role('" + role + "', 'databricks_superuser', 'MEMBER')");
    }

    static Changed<List<Grant>> grant(String principal, Securable on, Privilege... privileges) {
        return test.plane
                .metastore()
                .grants()
                .update(root, on, List.of(new Grants.Change(principal, Set.of(privileges), Set.of())));
    }

    static void revoke(String principal, Securable on, Privilege... privileges) {
        test.plane
                .metastore()
                .grants()
                .update(root, on, List.of(new Grants.Change(principal, Set.of(), Set.of(privileges))));
    }
}
