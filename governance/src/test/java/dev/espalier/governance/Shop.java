package dev.espalier.governance;

import dev.espalier.control.admission.Proof;
import dev.espalier.control.metastore.ColumnName;
import dev.espalier.control.metastore.Condition;
import dev.espalier.control.metastore.Condition.HasTag;
import dev.espalier.control.metastore.Condition.HasTagValue;
import dev.espalier.control.metastore.Grant;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.Policy.Alias;
import dev.espalier.control.metastore.Policy.ColumnMask;
import dev.espalier.control.metastore.Policy.Constant;
import dev.espalier.control.metastore.Policy.Effect;
import dev.espalier.control.metastore.Policy.Match;
import dev.espalier.control.metastore.Policy.RowFilter;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Renames;
import dev.espalier.control.metastore.Rules;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.metastore.Subject;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A shop's database with an application's owner, masked readers and writers, and one who is exempt. */
final class Shop implements AutoCloseable {

    static final String CATALOG = "shop";

    final Server server;
    final String database;
    final Connection admin;
    final Governor governor = new Governor();

    /** Rules to change before they are applied. */
    final List<Grant> grants = new ArrayList<>();

    final List<Policy> policies = new ArrayList<>();
    final List<Subject> subjects = new ArrayList<>();
    final Map<ColumnName, Map<String, String>> columnTags = new HashMap<>();
    final Map<SecurableName, Map<String, String>> tags = new HashMap<>();
    final Set<ColumnName> classified = new HashSet<>();
    final Map<ColumnName, Set<ColumnName>> renamed = new HashMap<>();
    private long epoch = 1;

    /** Roles are a server's, so that their names end with the database's. */
    final String analyst;

    final String writer;
    final String exempt;
    final String manager;
    final String stranger;

    Shop(Servers.Running servers, int version) throws SQLException {
        this(servers, version, Attacks.shop());
    }

    /** @param made the statement that makes what is in it */
    Shop(Servers.Running servers, int version, String made) throws SQLException {
        server = servers.version(version);
        database = servers.freshName() + "_shop";
        analyst = "analyst_" + database;
        writer = "writer_" + database;
        exempt = "exempt_" + database;
        manager = "manager_" + database;
        stranger = "stranger_" + database;
        server.execute(
                "postgres",
                "CREATE DATABASE " + database,
                "ALTER DATABASE " + database + " SET search_path = app, public");
        admin = server.connect(database);
        run("SELECT pg_advisory_lock(77)");
        run("DO $$BEGIN IF to_regrole('app_owner') IS NULL THEN CREATE ROLE app_owner NOLOGIN; END IF; END$$");
        run("SELECT pg_advisory_unlock(77)");
        for (String role : List.of(analyst, writer, exempt, manager, stranger)) {
            run("CREATE ROLE " + role + " LOGIN");
        }
        run("GRANT pg_read_all_data, pg_write_all_data TO " + manager);
        run("GRANT app_owner TO " + manager, "GRANT CREATE ON DATABASE " + database + " TO app_owner");
        run(made);
        subjects.add(new Subject(analyst, Set.of("analysts"), false));
        subjects.add(new Subject(writer, Set.of("analysts", "writers"), false));
        subjects.add(new Subject(exempt, Set.of("pii"), false));
        subjects.add(new Subject(manager, Set.of(), true));
        subjects.add(new Subject(stranger, Set.of(), false));
        for (String group : List.of("analysts", "pii")) {
            grantAll(group, Privilege.USE_CATALOG, Privilege.USE_SCHEMA, Privilege.SELECT);
        }
        grantAll("writers", Privilege.MODIFY);
        grantAll("pii", Privilege.MODIFY);
        classifyAll();
        tag("customers", "email", "email");
        tag("customers", "second_email", "email");
        tag("customers", "full_name", "name");
        tag("customers", "phone", "phone");
        tag("customers", "salary", "money");
        tag("customers", "notes", "json");
        tag("customers", "region", "region");
        tag("orders", "ship_to", "address");
        tag("events", "who", "name");
        tag("audit_log", "row_data", "raw");
        tag("contacts", "email", "email");
        tag("gone_contacts", "email", "email");
        mask("mask_email", "email", "system.mask.email");
        mask("mask_name", "name", "system.mask.redact");
        mask("mask_phone", "phone", "system.mask.phone");
        mask("mask_money", "money", "system.mask.null");
        mask("mask_address", "address", "system.mask.redact");
        mask("mask_raw", "raw", "system.mask.null");
        policy(
                "mask_json",
                Set.of("analysts"),
                new HasTagValue("pii", "json"),
                new ColumnMask("system.mask.json_paths", "c", List.of(new Constant("profile.email"))));
        policy(
                "no_apac",
                Set.of("analysts"),
                new HasTag("region"),
                new RowFilter("shop.app.visible", List.of(new Alias("c"))));
    }

    void tag(String table, String column, String value) {
        columnTags.put(
                new ColumnName(CATALOG, "app", table, column),
                value.equals("region") ? Map.of("region", "") : Map.of("pii", value));
    }

    /** As control notes it where the default branch calls a column otherwise. */
    void renamed(String table, String column, String nowTable, String nowColumn) {
        renamed.put(
                new ColumnName(CATALOG, "app", table, column),
                Set.of(new ColumnName(CATALOG, "app", nowTable, nowColumn)));
    }

    void mask(String name, String tag, String function) {
        policy(name, Set.of("analysts"), new HasTagValue("pii", tag), new ColumnMask(function, "c", List.of()));
    }

    void policy(String name, Set<String> to, Condition match, Effect effect) {
        policies.removeIf(policy -> policy.name().equals(name));
        policies.add(new Policy(
                "id-" + name,
                name,
                Optional.empty(),
                new Securable(SecurableType.CATALOG, SecurableName.of(CATALOG)),
                to,
                Set.of("pii"),
                new Condition.Always(),
                List.of(new Match("c", match)),
                effect));
    }

    void drop(String policy) {
        policies.removeIf(each -> each.name().equals(policy));
    }

    void grantAll(String principal, Privilege... privileges) {
        for (Privilege privilege : privileges) {
            grants.add(
                    new Grant(new Securable(SecurableType.CATALOG, SecurableName.of(CATALOG)), principal, privilege));
        }
    }

    /** As control does when a catalog becomes governed. */
    void classifyAll() throws SQLException {
        try (var statement = admin.createStatement();
                var rows = statement.executeQuery("""
                        SELECT n.nspname, c.relname, a.attname
                        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                        WHERE a.attnum > 0 AND n.nspname IN ('app', 'public') AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
                        """)) {
            while (rows.next()) {
                classified.add(new ColumnName(CATALOG, rows.getString(1), rows.getString(2), rows.getString(3)));
            }
        }
    }

    Rules rules() {
        return new Rules(epoch, CATALOG, grants, tags, columnTags, classified, policies, Renames.of(renamed), subjects);
    }

    /** Brings the database under the rules as they are now, and everybody's role. */
    Proof govern() throws SQLException {
        return governIn(admin);
    }

    /** The same in another session of a superuser's. */
    Proof governIn(Connection session) throws SQLException {
        epoch++;
        Proof proof = governor.admit(session, rules(), Optional.empty());
        for (Subject subject : subjects) {
            var _ = governor.prepareRole(session, subject.name());
        }
        return proof;
    }

    List<Probe.Finding> probe() throws SQLException {
        return Probe.run(admin);
    }

    void run(String... statements) throws SQLException {
        run(admin, statements);
    }

    static void run(Connection session, String... statements) throws SQLException {
        try (var statement = session.createStatement()) {
            statement.setEscapeProcessing(false);
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** As the application's owner, as migrations run. */
    void migrate(String... statements) throws SQLException {
        try (Connection session = server.connect(database, manager)) {
            run(session, "SET ROLE app_owner");
            run(session, "SET search_path = app");
            run(session, statements);
        }
    }

    Connection as(String role) throws SQLException {
        return server.connect(database, role);
    }

    /** The rows, values with | between them. */
    List<String> read(String role, String query) throws SQLException {
        try (Connection session = as(role)) {
            return read(session, query);
        }
    }

    static List<String> read(Connection session, String query) throws SQLException {
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(query)) {
            List<String> lines = new ArrayList<>();
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    values.add(String.valueOf(rows.getString(i)));
                }
                lines.add(String.join("|", values));
            }
            return lines;
        }
    }

    @Override
    public void close() throws SQLException {
        admin.close();
    }
}
