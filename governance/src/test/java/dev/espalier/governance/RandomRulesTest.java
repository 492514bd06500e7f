package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.control.metastore.Subject;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random schemas, tags, policies, grants and principals: what each reads of each table is what the rules say, by an oracle that
 * shares nothing with the compiler. A failure names its seed; run it alone with {@code -Despalier.seed=N}, and more of them with
 * {@code -Despalier.seeds=N}.
 */
@ExtendWith(Servers.class)
class RandomRulesTest {

    private static final long SEEDS = Long.getLong("espalier.seeds", 6);

    static int[] versions() {
        return Servers.versions();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void everybodySeesWhatTheRulesSay(int version, Servers.Running servers) throws SQLException {
        Long only = Long.getLong("espalier.seed");
        for (long i = 0; i < SEEDS; i++) {
            check(servers, version, only == null ? version * 1_000_000L + i : only);
            if (only != null) {
                return;
            }
        }
    }

    private static void check(Servers.Running servers, int version, long seed) throws SQLException {
        Server server = servers.version(version);
        String database = servers.freshName() + "_random";
        RandomRules random = new RandomRules(seed, database + "_p");
        server.execute("postgres", "CREATE DATABASE " + database);
        try (Connection admin = server.connect(database)) {
            for (Subject subject : random.rules.subjects()) {
                Shop.run(admin, "CREATE ROLE " + subject.name() + " LOGIN");
                if (subject.manages() && subject.agent().isEmpty()) {
                    Shop.run(admin, "GRANT pg_read_all_data TO " + subject.name());
                }
            }
            Shop.run(admin, "CREATE SCHEMA one", "CREATE SCHEMA two");
            for (RandomRules.Table table : random.tables) {
                create(admin, table);
            }
            Governor governor = new Governor();
            governor.admit(admin, random.rules, Optional.empty());
            Oracle oracle = new Oracle(random.rules);
            for (Subject subject : random.rules.subjects()) {
                var _ = governor.prepareRole(admin, subject.name());
                for (RandomRules.Table table : random.tables) {
                    assertThat(read(admin, server, database, subject, table))
                            .as(
                                    "seed %s: %s reads %s.%s under %s",
                                    seed, subject, table.schema(), table.name(), random.rules)
                            .isEqualTo(oracle.sees(subject, table));
                }
            }
        }
        server.execute("postgres", "DROP DATABASE " + database);
    }

    private static void create(Connection admin, RandomRules.Table table) throws SQLException {
        StringBuilder sql = new StringBuilder("CREATE TABLE " + table.schema() + "." + table.name() + " (");
        table.columns()
                .forEach((column, type) -> sql.append(column)
                        .append(' ')
                        .append(type.equals("zone") ? "text" : type)
                        .append(column.equals("id") ? " PRIMARY KEY" : "")
                        .append(", "));
        sql.setLength(sql.length() - 2);
        Shop.run(admin, sql.append(')').toString());
        for (List<String> row : table.rows()) {
            String marks = String.join(", ", row.stream().map(value -> "?").toList());
            try (var insert = admin.prepareStatement(
                    "INSERT INTO " + table.schema() + "." + table.name() + " VALUES (" + marks + ")")) {
                for (int i = 0; i < row.size(); i++) {
                    insert.setObject(i + 1, row.get(i), java.sql.Types.OTHER);
                }
                insert.executeUpdate();
            }
        }
    }

    private static Optional<List<String>> read(
            Connection admin, Server server, String database, Subject subject, RandomRules.Table table)
            throws SQLException {
        try (Connection session = server.connect(database, subject.name())) {
            String views = Shop.read(
                            admin,
                            "SELECT '" + table.schema()
                                    + "__' || coalesce(profile, 'none') FROM espalier_governance.subject"
                                    + " WHERE principal = '" + subject.name() + "'")
                    .getFirst();
            Shop.run(session, "SET search_path = " + views + ", " + table.schema());
            try {
                return Optional.of(Shop.read(session, "SELECT * FROM " + table.name() + " ORDER BY id"));
            } catch (SQLException e) {
                if ("42501".equals(e.getSQLState()) || "42P01".equals(e.getSQLState())) {
                    return Optional.empty();
                }
                throw e;
            }
        }
    }
}
