package dev.espalier.control;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.engine.Engine;
import dev.espalier.postgres.Identifiers;
import dev.espalier.postgres.Polling;
import dev.espalier.postgres.UnixSockets;
import dev.espalier.schema.SchemaDiff;
import dev.espalier.schema.SchemaReader;
import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import javax.sql.DataSource;

/**
 * Makes the roles of a source, and its databases without a row, in another cluster. What users have made is made again by a role
 * that has no more rights than they had: PostgreSQL evaluates some of it at once. Objects of principals' own roles, which nobody
 * else may be a member of, belong to {@link Role#SUPERUSER} there, and that may act for all other owners.
 */
final class MirrorSchema {

    private static final String BUILDER = "espalier_builder";
    private static final String KEEPER = "espalier_keeper";

    private static final String IDENTIFIER = "(?:[a-z_][a-z0-9_$]*|\"(?:[^\"]|\"\")*\")";

    /** What PostgreSQL lets only a superuser do, or the owner that is to be. It evaluates nothing, and nothing else is let through. */
    private static final Pattern GIVES_AWAY = Pattern.compile("(?s)ALTER DEFAULT PRIVILEGES .*"
            + "|ALTER [A-Z ]+ " + IDENTIFIER + "(?:\\." + IDENTIFIER + ")?"
            + "(?:\\((?:[a-zA-Z0-9_ ,.*\\[\\]]|\"(?:[^\"]|\"\")*\")*\\))? OWNER TO " + IDENTIFIER);

    /** What a mirror has of its own, and what its source has only for mirrors. */
    private static final Set<String> NOT_COMPARED_KINDS =
            Set.of(Kind.DATABASE.label(), Kind.DEFAULT_PRIVILEGES.label(), "publication");

    /** Who owns what and who may what is not compared: rules and new principals change it, and mirrors have their own. */
    private static final Pattern NOT_COMPARED = Pattern.compile("owner|row security|privileges of .*");

    private static final Duration OPEN_WITHIN = Duration.ofSeconds(10);
    private static final Duration POLL = Duration.ofMillis(20);

    private final Engine engine;

    MirrorSchema(Engine engine) {
        this.engine = engine;
    }

    /** SHA-256 over all that makes a difference to who works with the database. */
    static String hash(DatabaseSchema schema) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            schema.objects().forEach((id, object) -> {
                if (!NOT_COMPARED_KINDS.contains(id.label())) {
                    sha.update((id + "\n").getBytes(StandardCharsets.UTF_8));
                    object.properties().entrySet().stream()
                            .filter(property ->
                                    !NOT_COMPARED.matcher(property.getKey()).matches())
                            .map(property -> property.getKey() + "=" + property.getValue() + "\n")
                            .sorted()
                            .forEach(line -> sha.update(line.getBytes(StandardCharsets.UTF_8)));
                }
            });
            return HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /**
     * Makes the roles, with what they are members of and their settings.
     *
     * @param principals whose roles get no rights here: they are brought under the rules when they sign in
     */
    void copyRoles(Connection source, Connection mirror, Set<String> principals) throws SQLException {
        List<String> statements = new ArrayList<>();
        statements.add("CREATE ROLE " + BUILDER + " LOGIN");
        statements.addAll(texts(source, """
                SELECT format('CREATE ROLE %I', r.rolname) || CASE
                    WHEN r.rolname = ANY (?) THEN ' NOLOGIN'
                    ELSE CASE WHEN r.rolcanlogin THEN ' LOGIN' ELSE ' NOLOGIN' END
                        || CASE WHEN r.rolinherit THEN '' ELSE ' NOINHERIT' END
                        || CASE WHEN r.rolcreatedb THEN ' CREATEDB' ELSE '' END
                        || CASE WHEN r.rolcreaterole THEN ' CREATEROLE' ELSE '' END
                        || CASE WHEN r.rolbypassrls THEN ' BYPASSRLS' ELSE '' END
                END
                FROM pg_roles r
                WHERE NOT r.rolsuper AND NOT r.rolreplication AND r.rolname <> 'databricks_superuser'
                  AND (r.rolname !~ '^(pg_|espalier_)' OR r.rolname = 'espalier_keeper')
                ORDER BY r.rolname
                """, principals));
        statements.addAll(RoleOwners.statements(source));
        statements.addAll(texts(source, """
                SELECT format('GRANT %I TO %I WITH ADMIN %s, INHERIT %s, SET %s', g.rolname, m.rolname,
                              a.admin_option::text, a.inherit_option::text, a.set_option::text)
                FROM pg_auth_members a
                JOIN pg_roles g ON g.oid = a.roleid
                JOIN pg_roles m ON m.oid = a.member
                WHERE NOT m.rolname = ANY (?) AND m.rolname <> 'databricks_superuser'
                  AND m.rolname !~ '^(pg_|espalier)' AND g.rolname !~ '^espalier'
                ORDER BY g.rolname, m.rolname
                """, principals));
        try (var select = source.prepareStatement("""
                SELECT format('ALTER ROLE %I', r.rolname), c.setting
                FROM pg_db_role_setting s
                JOIN pg_roles r ON r.oid = s.setrole
                CROSS JOIN LATERAL unnest(s.setconfig) c (setting)
                WHERE s.setdatabase = 0 AND NOT r.rolname = ANY (?) AND r.rolname !~ '^(pg_|espalier)'
                  AND r.rolname <> 'databricks_superuser'
                ORDER BY r.rolname
                """)) {
            select.setArray(1, source.createArrayOf("text", principals.toArray()));
            statements.addAll(settings(select));
        }
        for (String statement : statements) {
            execute(mirror, statement);
        }
    }

    /** Makes a database with the schema, which the source's has. Rows, and what belongs to the rules, are not copied. */
    void copyDatabase(
            Connection source, Endpoint mirror, String database, DatabaseSchema schema, Set<String> principals)
            throws SQLException {
        SchemaDiff diff;
        try (Connection template = engine.connect(mirror.uid(), "template1")) {
            diff = SchemaDiff.ofNewDatabase(SchemaReader.read(template), schema);
        }
        String quoted = Identifiers.quoted(database);
        try (Connection home = engine.connect(mirror.uid(), BranchSessions.HOME)) {
            String create = diff.changes().stream()
                    .filter(change -> change.object().kind() == Kind.DATABASE)
                    .flatMap(change -> change.ddl().stream())
                    .filter(statement -> statement.startsWith("CREATE DATABASE"))
                    .findFirst()
                    .orElseThrow();
            execute(home, create);
            execute(home, "ALTER DATABASE " + quoted + " OWNER TO " + BUILDER);
        }
        try (Connection builder = signIn(mirror, database);
                Connection own = engine.connect(mirror.uid(), database)) {
            for (String statement : diff.toDdl()) {
                if (!GIVES_AWAY.matcher(statement).matches()) {
                    execute(builder, statement);
                }
            }
            for (String statement : diff.toDdl()) {
                if (GIVES_AWAY.matcher(statement).matches()) {
                    execute(own, statement);
                }
            }
            settle(source, own, principals);
        }
    }

    private void settle(Connection source, Connection own, Set<String> principals) throws SQLException {
        // What rules have turned on comes with the rules.
        for (String table : texts(source, """
                SELECT polrelid::regclass::text FROM pg_policy
                WHERE polname = 'espalier_open'
                """)) {
            execute(own, "ALTER TABLE " + table + " DISABLE ROW LEVEL SECURITY");
        }
        try (var select = source.prepareStatement("""
                SELECT format('ALTER DATABASE %I', d.datname), c.setting
                FROM pg_db_role_setting s
                JOIN pg_database d ON d.oid = s.setdatabase AND d.datname = current_database()
                CROSS JOIN LATERAL unnest(s.setconfig) c (setting)
                WHERE s.setrole = 0
                """)) {
            for (String statement : settings(select)) {
                execute(own, statement);
            }
        }
        Set<String> away = new TreeSet<>(principals);
        away.addAll(List.of(BUILDER, KEEPER));
        for (String statement : texts(own, """
                SELECT CASE
                    WHEN r.rolname = ANY (?) OR pg_has_role(r.oid, 'databricks_superuser', 'MEMBER')
                        THEN format('REASSIGN OWNED BY %I TO databricks_superuser', r.rolname)
                    ELSE format('GRANT %I TO databricks_superuser', r.rolname)
                END
                FROM pg_roles r
                WHERE NOT r.rolsuper AND r.rolname !~ '^pg_' AND r.rolname <> 'databricks_superuser'
                  AND EXISTS (
                      SELECT FROM pg_shdepend d
                      WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = r.oid AND d.deptype = 'o'
                        AND d.dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())))
                ORDER BY 1
                """, away)) {
            execute(own, statement);
        }
        execute(own, "DROP OWNED BY " + BUILDER);
    }

    /** To be called when all databases are there. */
    void finish(Connection mirror) throws SQLException {
        execute(mirror, "DROP ROLE " + BUILDER);
    }

    /** The server lets others than Espalier's own superuser in from a moment after it was told so. */
    private Connection signIn(Endpoint mirror, String database) throws SQLException {
        DataSource door = UnixSockets.dataSource(engine.socketDirectory(mirror.uid()), database, BUILDER);
        boolean _ = Polling.until(OPEN_WITHIN, POLL, () -> letsIn(door));
        // Where it does not, this says why.
        return door.getConnection();
    }

    private static boolean letsIn(DataSource door) {
        try (Connection _ = door.getConnection()) {
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    private static List<String> texts(Connection session, String query) throws SQLException {
        try (var select = session.prepareStatement(query)) {
            return texts(select);
        }
    }

    private static List<String> texts(Connection session, String query, Set<String> names) throws SQLException {
        try (var select = session.prepareStatement(query)) {
            select.setArray(1, session.createArrayOf("text", names.toArray()));
            return texts(select);
        }
    }

    private static List<String> texts(PreparedStatement select) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (var rows = select.executeQuery()) {
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
        }
        return texts;
    }

    /** Each row says whose a stored setting is, and what it is. */
    private static List<String> settings(PreparedStatement select) throws SQLException {
        List<String> statements = new ArrayList<>();
        try (var rows = select.executeQuery()) {
            while (rows.next()) {
                statements.add(StoredSetting.statement(rows.getString(1), rows.getString(2)));
            }
        }
        return statements;
    }

    private static void execute(Connection session, String sql) throws SQLException {
        try (var statement = session.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        } catch (SQLException e) {
            throw new ControlException(
                    Code.INVALID_STATE,
                    "a mirror cannot have what its source has: "
                            + Optional.ofNullable(e.getMessage()).orElse("") + " (" + sql.strip() + ")",
                    e);
        }
    }
}
