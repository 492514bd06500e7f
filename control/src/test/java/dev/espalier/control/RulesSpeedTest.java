package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static dev.espalier.control.TestPlane.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.control.metastore.Changed;
import dev.espalier.control.metastore.DefinedPolicy;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.PolicyDefinition;
import dev.espalier.control.metastore.PolicyDefinition.MatchText;
import dev.espalier.control.metastore.Rules;
import dev.espalier.control.metastore.SecurableNames;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.identity.Principal;
import dev.espalier.storage.Backend;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A change of rules stays quick where there are many. */
class RulesSpeedTest {

    private static final int POLICIES = 10_000;
    private static final int PRINCIPALS = 1_000;
    private static final int TABLES = 200;

    /** Far more than it takes, since tests run beside others. */
    private static final Duration LONGEST = Duration.ofSeconds(15);

    @TempDir
    Path directory;

    @Test
    void tenThousandPoliciesForAThousandPrincipalsAreReadAndCheckedInSeconds() throws SQLException {
        try (TestPlane test = TestPlane.start(directory, Backend.COPY)) {
            test.admission.makesViews = false;
            test.plane.principals().addAdministrator("root-id", "root", "none");
            Principal root = test.plane.principals().named("root").orElseThrow();
            test.succeed(test.plane.projects().create(CALLER, "shop", PLAIN));
            StringBuilder tables = new StringBuilder();
            for (int i = 0; i < TABLES; i++) {
                tables.append("CREATE TABLE t%d (id int, a text, b text, c text);".formatted(i));
            }
            test.execute("production", tables.toString());
            test.plane.metastore().governedTags().create(root, "key", Optional.empty(), List.of());
            fill(test);

            Instant began = Instant.now();
            Changed<DefinedPolicy> made = test.plane
                    .metastore()
                    .policies()
                    .create(
                            root,
                            new PolicyDefinition(
                                    "one_more",
                                    Optional.empty(),
                                    SecurableNames.parse(SecurableType.CATALOG, "databricks_postgres"),
                                    Set.of("p1"),
                                    Set.of(),
                                    "TRUE",
                                    List.of(new MatchText("c", "has_tag_value('key', 'none')")),
                                    new Policy.ColumnMask("system.mask.redact", "c", List.of())));
            assertThat(Duration.between(began, Instant.now())).isLessThan(LONGEST);

            assertThat(made.after()).isPresent();
            Rules rules = test.admission.admitted.getLast().rules();
            assertThat(rules.policies()).hasSize(POLICIES + 1);
            assertThat(rules.subjects()).hasSize(PRINCIPALS + 1);
        } finally {
            TestPlane.stopLeftovers(directory);
        }
    }

    private static void fill(TestPlane test) {
        test.change("INSERT INTO control.principal (uid, kind, name) "
                + "SELECT 'u' || i, 'USER', 'p' || i FROM generate_series(1, " + PRINCIPALS + ") i");
        test.change("""
                INSERT INTO control.project_access
                SELECT p.uid, n.name, 'CAN_USE' FROM control.project p, control.principal n WHERE n.name LIKE 'p%'
                """);
        test.change("""
                INSERT INTO control.policy
                SELECT 'policy-' || i, c.uid, 'public', 't' || i %% %d, 'n' || i, NULL, 'COLUMN_MASK', 'system.mask.redact',
                       'c', 'TRUE', '[{"alias":"c","condition":"has_tag_value(''key'', ''v'')"}]', '[]', 'root', now(),
                       'root', now()
                FROM generate_series(1, %d) i, control.catalog c
                """.formatted(TABLES, POLICIES));
        test.change("""
                INSERT INTO control.policy_principal
                SELECT p.uid, n.id, false
                FROM control.policy p
                JOIN control.principal n ON n.name = 'p' || (1 + substr(p.name, 2)::int %% %d)
                """.formatted(PRINCIPALS));
        test.change("""
                INSERT INTO control.tag_assignment
                SELECT c.uid, 'public', 't' || i, 'a', 'key', 'v', 'root', now()
                FROM generate_series(0, %d) i, control.catalog c
                """.formatted(TABLES - 1));
    }
}
