package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.admission.Masking.Taken;
import dev.espalier.control.metastore.ColumnName;
import dev.espalier.control.metastore.Condition;
import dev.espalier.control.metastore.Condition.HasTagValue;
import dev.espalier.control.metastore.Grant;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.Policy.Alias;
import dev.espalier.control.metastore.Policy.Argument;
import dev.espalier.control.metastore.Policy.ColumnMask;
import dev.espalier.control.metastore.Policy.Constant;
import dev.espalier.control.metastore.Policy.Effect;
import dev.espalier.control.metastore.Policy.Match;
import dev.espalier.control.metastore.Policy.RowFilter;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Rules;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.metastore.Subject;
import dev.espalier.control.request.ControlException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(Servers.class)
class MirrorMasksTest {

    private static final String CATALOG = "crm";
    static final Subject TEAM = new Subject("team", Set.of(), false);

    static final String TABLES = """
            CREATE TABLE person (
                id bigint PRIMARY KEY, email text NOT NULL UNIQUE, kind text, value text NOT NULL, data json, born date NOT NULL,
                seen int DEFAULT 0, lower_value text GENERATED ALWAYS AS (lower(value)) STORED);
            CREATE TABLE login (id bigint PRIMARY KEY, email text REFERENCES person (email));
            CREATE TABLE secret (id bigint PRIMARY KEY, what text);
            """;

    static int[] versions() {
        return Servers.versions();
    }

    /** Rules for one database, made up by the test. */
    static final class Books {
        private final Map<ColumnName, Map<String, String>> columnTags = new HashMap<>();
        private final Set<ColumnName> classified = new HashSet<>();
        private final List<Policy> policies = new ArrayList<>();
        private final List<Grant> grants = new ArrayList<>();
        private long epoch;

        void tag(String table, String column) {
            columnTags.put(new ColumnName(CATALOG, "public", table, column), Map.of("pii", column));
        }

        void mask(String column, String function, Argument... using) {
            policy(column, new ColumnMask("system.mask." + function, "c", List.of(using)), Set.of("team"));
        }

        void policy(String column, Effect effect, Set<String> to) {
            List<Match> match = new ArrayList<>(List.of(new Match("c", new HasTagValue("pii", column))));
            if (effect.using().contains(new Alias("kind"))) {
                match.add(new Match("kind", new HasTagValue("pii", "kind")));
            }
            policies.add(new Policy(
                    "id-" + policies.size(),
                    "on_" + column,
                    Optional.empty(),
                    new Securable(SecurableType.CATALOG, SecurableName.of(CATALOG)),
                    to,
                    Set.of(),
                    new Condition.Always(),
                    match,
                    effect));
        }

        void grant(Securable on, Privilege... privileges) {
            for (Privilege privilege : privileges) {
                grants.add(new Grant(on, "team", privilege));
            }
        }

        Rules rules(Subject... subjects) {
            return new Rules(++epoch, CATALOG, grants, Map.of(), columnTags, classified, policies, List.of(subjects));
        }
    }

    private static Securable catalog() {
        return new Securable(SecurableType.CATALOG, SecurableName.of(CATALOG));
    }

    private static Securable table(String name) {
        return new Securable(SecurableType.TABLE, SecurableName.of(CATALOG, "public", name));
    }

    static Books books() {
        Books books = new Books();
        books.grant(catalog(), Privilege.USE_CATALOG, Privilege.USE_SCHEMA);
        books.grant(table("person"), Privilege.SELECT);
        books.grant(table("login"), Privilege.SELECT);
        for (String column : List.of("email", "kind", "value", "data", "born")) {
            books.tag("person", column);
        }
        books.tag("login", "email");
        for (String column : List.of("id", "seen", "lower_value")) {
            books.classified.add(new ColumnName(CATALOG, "public", "person", column));
        }
        books.classified.add(new ColumnName(CATALOG, "public", "login", "id"));
        books.mask("email", "token");
        books.mask("value", "when_key", new Alias("kind"), new Constant("secret"));
        books.mask("data", "null");
        books.mask("born", "year");
        return books;
    }

    /** A source and an empty copy of its schema, on one server. */
    static final class Pair implements AutoCloseable {
        private final Server server;
        private final String name;
        final Connection source;
        final Connection mirror;

        Pair(Servers.Running servers, int version, String schema) throws SQLException {
            server = servers.version(version);
            name = servers.freshName();
            server.execute(
                    "postgres",
                    "CREATE ROLE owner_" + name,
                    "CREATE DATABASE " + name + "_source OWNER owner_" + name,
                    "CREATE DATABASE " + name + "_mirror OWNER owner_" + name);
            source = server.connect(name + "_source");
            mirror = server.connect(name + "_mirror");
            for (Connection session : List.of(source, mirror)) {
                Shop.run(session, "SET ROLE owner_" + name, schema, "RESET ROLE");
            }
        }

        String role(String role) {
            return role + "_" + name;
        }

        @Override
        public void close() throws SQLException {
            source.close();
            mirror.close();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatReplicationWritesIsMaskedFirstAndNotTwice(int version, Servers.Running servers) throws SQLException {
        Books books = books();
        try (Pair pair = new Pair(servers, version, TABLES)) {
            new Governor().admit(pair.source, books.rules(), Optional.empty());
            // The rules know the columns by the names that they had.
            for (Connection session : List.of(pair.source, pair.mirror)) {
                Shop.run(session, "ALTER TABLE person RENAME COLUMN email TO mail");
            }
            List<Taken> taken = new MirrorMasks().prepare(pair.source, pair.mirror, books.rules(), TEAM);
            assertThat(taken)
                    .containsExactly(
                            new Taken("public", "login", List.of("id", "email")),
                            new Taken(
                                    "public",
                                    "person",
                                    List.of("id", "mail", "kind", "value", "data", "born", "seen")));
            Connection mirror = pair.mirror;
            Shop.run(mirror, "SET session_replication_role = replica");
            Shop.run(
                    mirror,
                    "INSERT INTO person (id, mail, kind, value, data, born) VALUES "
                            + "(1, 'Ann', 'secret', 'RAW', '{\"a\": \"RAW\"}', '1980-05-06'), (2, 'Bob', 'open', 'shown', NULL, '1990-07-08')",
                    "INSERT INTO login VALUES (1, 'Ann')");
            assertThat(Shop.read(mirror, "SELECT id, value, lower_value, data, born FROM person ORDER BY id"))
                    .containsExactly("1|***|***|null|1980-01-01", "2|shown|shown|null|1990-01-01");
            assertThat(Shop.read(
                            mirror, "SELECT p.id FROM person p JOIN login l ON l.email = p.mail WHERE mail LIKE 't%'"))
                    .as("tokens are the same in all tables")
                    .containsExactly("1");
            String before = Shop.read(mirror, "SELECT mail, value FROM person WHERE id = 1")
                    .getFirst();
            // A value out of line that was not changed comes in as it is here.
            Shop.run(mirror, "UPDATE person SET seen = 1, born = '1980-05-06' WHERE id = 1");
            assertThat(Shop.read(mirror, "SELECT mail, value, seen, born FROM person WHERE id = 1"))
                    .containsExactly(before + "|1|1980-01-01");
            Shop.run(mirror, "UPDATE person SET mail = 'Ann', value = 'RAW again' WHERE id = 1");
            assertThat(Shop.read(mirror, "SELECT mail, value FROM person WHERE id = 1"))
                    .containsExactly(before);
            Shop.run(mirror, "UPDATE person SET kind = 'secret' WHERE id = 2");
            assertThat(Shop.read(mirror, "SELECT value FROM person WHERE id = 2"))
                    .as("what another column decides is decided anew when that changes")
                    .containsExactly("***");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void wordsOfTheTriggersLanguageAreNamesOfColumnsTablesAndSchemas(int version, Servers.Running servers)
            throws SQLException {
        List<String> words = List.of(
                ("alias all array assert begin by call case chain close commit constant cursor declare default diagnostics do"
                                + " else elsif end exception execute exit fetch for foreach from get if in insert into is loop"
                                + " masks merge move new next no not null old open or option perform raise raw record return"
                                + " rollback scroll select set slice strict then to type update use_column using when while")
                        .split(" "));
        Books books = new Books();
        books.grant(catalog(), Privilege.USE_CATALOG, Privilege.USE_SCHEMA, Privilege.SELECT);
        books.classified.add(new ColumnName(CATALOG, "constant", "cursor", "id"));
        for (String word : words) {
            books.columnTags.put(
                    new ColumnName(CATALOG, "constant", "cursor", word),
                    Map.of("pii", word.equals("if") ? "kind" : word.equals("by") ? "value" : "word"));
        }
        books.mask("word", "redact");
        books.mask("kind", "redact");
        books.mask("value", "when_key", new Alias("kind"), new Constant("secret"));
        String names = "\"" + String.join("\", \"", words) + "\"";
        try (Pair pair = new Pair(servers, version, "SELECT 1")) {
            for (Connection session : List.of(pair.source, pair.mirror)) {
                Shop.run(
                        session,
                        "SET ROLE " + pair.role("owner"),
                        "CREATE SCHEMA constant",
                        "CREATE TABLE constant.cursor (id int PRIMARY KEY, " + names.replace("\",", "\" text,")
                                + " text)",
                        "RESET ROLE");
            }
            new Governor().admit(pair.source, books.rules(), Optional.empty());
            new MirrorMasks().prepare(pair.source, pair.mirror, books.rules(), TEAM);
            Shop.run(
                    pair.mirror,
                    "SET session_replication_role = replica",
                    "INSERT INTO constant.cursor SELECT 1" + ", 'RAW'".repeat(words.size()),
                    "UPDATE constant.cursor SET \"if\" = 'secret', \"begin\" = 'RAW again'");

            assertThat(Shop.read(pair.mirror, "SELECT \"if\", \"by\", \"begin\", \"end\" FROM constant.cursor"))
                    .containsExactly("***|***|***|***");
            assertThat(Shop.read(pair.mirror, "SELECT count(*) FROM constant.cursor c WHERE c::text LIKE '%RAW%'"))
                    .containsExactly("0");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void tablesThatCannotBeMaskedOnTheirWayAreAllNamed(int version, Servers.Running servers) throws SQLException {
        Books books = books();
        books.grants.clear();
        books.grant(catalog(), Privilege.USE_CATALOG, Privilege.USE_SCHEMA, Privilege.SELECT);
        books.tag("by_email", "email");
        books.tag("checked", "email");
        books.tag("filtered", "city");
        books.tag("composed", "email");
        books.tag("ranged", "email");
        books.tag("computed", "email");
        books.classified.add(new ColumnName(CATALOG, "public", "computed", "city"));
        books.policy(
                "city",
                new RowFilter("system.mask.is_one_of", List.of(new Alias("c"), new Constant("Bern"))),
                Set.of("team"));
        String unfit = """
                CREATE TABLE keyless (id int);
                CREATE TABLE whole (id int PRIMARY KEY);
                ALTER TABLE whole REPLICA IDENTITY FULL;
                CREATE TABLE by_email (email text PRIMARY KEY);
                CREATE TABLE parted (id int PRIMARY KEY) PARTITION BY RANGE (id);
                CREATE TABLE part PARTITION OF parted DEFAULT;
                CREATE TABLE filtered (id int PRIMARY KEY, city text);
                CREATE TABLE own_policy (id int PRIMARY KEY);
                ALTER TABLE own_policy ENABLE ROW LEVEL SECURITY;
                CREATE UNLOGGED TABLE unlogged (id int PRIMARY KEY);
                CREATE FUNCTION spy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
                CREATE TABLE spied (id int PRIMARY KEY);
                CREATE TRIGGER a_spy BEFORE INSERT ON spied FOR EACH ROW EXECUTE FUNCTION spy();
                ALTER TABLE spied ENABLE ALWAYS TRIGGER a_spy;
                CREATE DOMAIN address AS text CHECK (value LIKE '%@%');
                CREATE TABLE checked (id int PRIMARY KEY, email address);
                CREATE TYPE contact AS (email address);
                CREATE TABLE composed (id int PRIMARY KEY, email contact);
                CREATE TYPE addresses AS RANGE (subtype = address);
                CREATE TABLE ranged (id int PRIMARY KEY, email addresses);
                CREATE TABLE computed (id int PRIMARY KEY, city text, email text GENERATED ALWAYS AS (lower(city)) STORED);
                """;
        try (Pair pair = new Pair(servers, version, TABLES + unfit)) {
            Shop.run(pair.mirror, "CREATE TABLE superusers (id int PRIMARY KEY)");
            new Governor().admit(pair.source, books.rules(), Optional.empty());
            assertThatThrownBy(() -> new MirrorMasks().prepare(pair.source, pair.mirror, books.rules(), TEAM))
                    .isInstanceOf(ControlException.class)
                    .satisfies(e -> {
                        for (String table : List.of(
                                "keyless",
                                "whole",
                                "by_email",
                                "parted",
                                "part",
                                "filtered",
                                "own_policy",
                                "unlogged",
                                "spied",
                                "checked",
                                "composed",
                                "ranged",
                                "computed",
                                "superusers")) {
                            assertThat(e.getMessage()).contains("public." + table + " ");
                        }
                        assertThat(e.getMessage())
                                .doesNotContain("public.person")
                                .doesNotContain("public.login");
                    });
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void constraintsThatMasksNeedNotKeepAreNotThere(int version, Servers.Running servers) throws SQLException {
        Books books = books();
        try (Pair pair = new Pair(servers, version, TABLES)) {
            new Governor().admit(pair.source, books.rules(), Optional.empty());
            new MirrorMasks().prepare(pair.source, pair.mirror, books.rules(), TEAM);
            assertThat(Shop.read(pair.mirror, """
                            SELECT a.attname FROM pg_attribute a
                            WHERE a.attrelid = 'person'::regclass AND a.attnum > 0 AND a.attnotnull ORDER BY 1
                            """)).containsExactly("email", "id");
            assertThat(
                            Shop.read(
                                    pair.mirror,
                                    "SELECT conname FROM pg_constraint WHERE contype IN ('u', 'f') AND conrelid IN ('person'::regclass, 'login'::regclass) ORDER BY 1"))
                    .as("those on tokens")
                    .containsExactly("login_email_fkey", "person_email_key");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aCopyBelongsToWhomItIsMaskedForAsLongAsTheRulesHideNoMore(int version, Servers.Running servers)
            throws SQLException {
        Books books = books();
        try (Pair pair = new Pair(servers, version, TABLES)) {
            Governor governor = new Governor();
            Subject member = new Subject(pair.role("member"), Set.of("team"), false);
            Subject other = new Subject(pair.role("other"), Set.of("others"), false);
            Subject bound = new Subject(pair.role("bound"), Set.of("team", "outside"), false);
            Subject agent = new Subject(
                    pair.role("team_agent"),
                    Set.of("team"),
                    false,
                    Optional.of(new Subject("claude", Set.of("machines"), false)));
            Subject[] all = {member, other, bound, agent};
            books.policy("kind", new ColumnMask("system.mask.redact", "c", List.of()), Set.of("outside", "machines"));
            governor.admit(pair.source, books.rules(all), Optional.empty());
            MirrorMasks masks = new MirrorMasks();
            masks.prepare(pair.source, pair.mirror, books.rules(all), TEAM);
            Connection copy = pair.mirror;
            Shop.run(
                    copy,
                    "SET session_replication_role = replica",
                    "INSERT INTO person (id, email, value, born) VALUES (1, 'Ann', 'x', '1980-05-06')",
                    "SET session_replication_role = origin");
            String key =
                    Shop.read(copy, "SELECT inner_pad FROM espalier_secret.key").getFirst();
            String file = Shop.read(copy, "SELECT pg_relation_filenode('espalier_secret.key')")
                    .getFirst();
            masks.release(copy);
            assertThat(Shop.read(copy, "SELECT inner_pad FROM espalier_secret.key"))
                    .as("the key of the mirror's tokens")
                    .doesNotContain(key);
            assertThat(Shop.read(copy, "SELECT pg_relation_filenode('espalier_secret.key')"))
                    .as("its file")
                    .doesNotContain(file);
            Shop.run(copy, "INSERT INTO person (id, email, value, born) VALUES (2, 'mine', 'x', '1980-05-06')");
            assertThat(Shop.read(copy, "SELECT email FROM person WHERE id = 2")).containsExactly("mine");
            for (Subject subject : all) {
                Shop.run(copy, "CREATE ROLE " + subject.name() + " LOGIN");
            }
            governor.admit(copy, books.rules(all), Optional.of(TEAM));
            assertThat(Shop.read(
                            copy,
                            "SELECT s.principal, s.profile IS NULL, EXISTS (SELECT FROM espalier_governance.relation_access a"
                                    + " WHERE a.profile = s.profile AND a.closed IS NULL)"
                                    + " FROM espalier_governance.subject s ORDER BY 1"))
                    .as("who owns, and who gets in at all")
                    .containsExactly(
                            bound.name() + "|f|f",
                            member.name() + "|t|f",
                            other.name() + "|f|t",
                            agent.name() + "|f|f");
            Shop.run(copy, "ALTER TABLE person DROP COLUMN data", "ALTER TABLE login RENAME TO logins");
            governor.admit(copy, books.rules(all), Optional.of(TEAM));
            books.mask("kind", "redact");
            assertThatThrownBy(() -> governor.admit(copy, books.rules(all), Optional.of(TEAM)))
                    .isInstanceOf(ControlException.class)
                    .hasMessageContaining("public.person.kind");
            books.policies.removeLast();
            governor.admit(copy, books.rules(all), Optional.of(TEAM));
            books.grants.removeIf(grant -> grant.on().equals(table("login")));
            assertThatThrownBy(() -> governor.admit(copy, books.rules(all), Optional.of(TEAM)))
                    .hasMessageContaining("public.login");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void tokensAreNotForAGroupOfWhichOneMayWriteAtTheSource(int version, Servers.Running servers) throws SQLException {
        Books books = books();
        try (Pair pair = new Pair(servers, version, TABLES)) {
            Governor governor = new Governor();
            Subject alice = new Subject(pair.role("alice"), Set.of("team"), false);
            Subject bob = new Subject(pair.role("bob"), Set.of("team"), false);
            for (Subject subject : List.of(alice, bob)) {
                Shop.run(pair.mirror, "CREATE ROLE " + subject.name() + " LOGIN");
            }
            governor.admit(pair.source, books.rules(alice, bob), Optional.empty());
            MirrorMasks masks = new MirrorMasks();
            masks.prepare(pair.source, pair.mirror, books.rules(alice, bob), TEAM);
            Connection copy = pair.mirror;
            Shop.run(
                    copy,
                    "SET session_replication_role = replica",
                    "INSERT INTO person (id, email, value, born) VALUES (1, 'guess', 'x', '1980-05-06')",
                    "INSERT INTO login VALUES (1, 'guess')",
                    "SET session_replication_role = origin");
            assertThat(Shop.read(copy, "SELECT email FROM login")).doesNotContain("null");
            masks.release(copy);
            governor.admit(copy, books.rules(alice, bob), Optional.of(TEAM));
            books.grants.add(new Grant(table("login"), alice.name(), Privilege.MODIFY));
            assertThatThrownBy(() -> governor.admit(copy, books.rules(alice, bob), Optional.of(TEAM)))
                    .as("one who may write now what it has tokens of")
                    .isInstanceOf(ControlException.class)
                    .hasMessageContaining("public.login.email")
                    .hasMessageNotContaining("public.person");
        }
        try (Pair pair = new Pair(servers, version, TABLES)) {
            Subject alice = new Subject(pair.role("alice"), Set.of("team"), false);
            books.grants.add(new Grant(table("login"), alice.name(), Privilege.MODIFY));
            new Governor().admit(pair.source, books.rules(alice), Optional.empty());
            new MirrorMasks().prepare(pair.source, pair.mirror, books.rules(alice), TEAM);
            Shop.run(
                    pair.mirror,
                    "SET session_replication_role = replica",
                    "INSERT INTO person (id, email, value, born) VALUES (1, 'guess', 'x', '1980-05-06')",
                    "INSERT INTO login VALUES (1, 'guess')");
            assertThat(Shop.read(
                            pair.mirror, "SELECT p.email LIKE 't%', l.email FROM person p JOIN login l USING (id)"))
                    .containsExactly("t|null");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void tokensAreNotForOthersWhoMayWriteAtTheSource(int version, Servers.Running servers) throws SQLException {
        Books books = books();
        books.policies.removeIf(policy -> !policy.name().equals("on_email"));
        Policy token = books.policies.removeFirst();
        books.policy("email", token.effect(), Set.of("team", "others"));
        try (Pair pair = new Pair(servers, version, TABLES)) {
            Subject reader = new Subject(pair.role("reader"), Set.of("others"), false);
            Subject writer = new Subject(pair.role("writer"), Set.of("others", "writers"), false);
            Subject exempt = new Subject(pair.role("exempt"), Set.of("writers"), false);
            Subject[] all = {reader, writer, exempt};
            for (Subject subject : all) {
                Shop.run(pair.mirror, "CREATE ROLE " + subject.name() + " LOGIN");
                for (Privilege privilege : List.of(Privilege.USE_CATALOG, Privilege.USE_SCHEMA, Privilege.SELECT)) {
                    books.grants.add(new Grant(catalog(), subject.name(), privilege));
                }
            }
            books.grants.add(new Grant(table("login"), "writers", Privilege.MODIFY));
            Governor governor = new Governor();
            governor.admit(pair.source, books.rules(all), Optional.empty());
            MirrorMasks masks = new MirrorMasks();
            masks.prepare(pair.source, pair.mirror, books.rules(all), TEAM);
            Connection copy = pair.mirror;
            masks.release(copy);
            governor.admit(copy, books.rules(all), Optional.of(TEAM));
            assertThat(Shop.read(
                            copy,
                            "SELECT s.principal, a.closed IS NULL FROM espalier_governance.subject s"
                                    + " JOIN espalier_governance.relation_access a ON a.profile = s.profile"
                                    + " AND a.relid = 'login'::regclass ORDER BY 1"))
                    .containsExactly(exempt.name() + "|t", reader.name() + "|t", writer.name() + "|f");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatHasStoppedBeingAPartIsMaskedByTheRulesOfItsWhole(int version, Servers.Running servers)
            throws SQLException {
        Books books = books();
        books.grant(table("child"), Privilege.SELECT);
        books.tag("base", "email");
        books.tag("base", "code");
        String tables = "CREATE TABLE base (id bigint PRIMARY KEY, email text, code integer);"
                + " CREATE TABLE child (PRIMARY KEY (id)) INHERITS (base)";
        try (Pair pair = new Pair(servers, version, TABLES + tables)) {
            Governor governor = new Governor();
            for (String table : List.of("base", "child")) {
                for (String column : List.of("id", "code")) {
                    books.classified.add(new ColumnName(CATALOG, "public", table, column));
                }
            }
            books.classified.add(new ColumnName(CATALOG, "public", "child", "email"));
            governor.admit(pair.source, books.rules(), Optional.empty());
            for (Connection session : List.of(pair.source, pair.mirror)) {
                Shop.run(session, "ALTER TABLE child NO INHERIT base");
            }
            MirrorMasks masks = new MirrorMasks();
            masks.prepare(pair.source, pair.mirror, books.rules(), TEAM);
            Connection copy = pair.mirror;
            Shop.run(
                    copy,
                    "SET session_replication_role = replica",
                    "INSERT INTO child VALUES (1, 'SECRET', 1)",
                    "SET session_replication_role = origin");
            assertThat(Shop.read(copy, "SELECT email FROM child WHERE email <> 'SECRET'"))
                    .hasSize(1);
            masks.release(copy);
            governor.admit(copy, books.rules(), Optional.of(TEAM));
            books.mask("code", "bucket", new Constant("100"));
            assertThatThrownBy(() -> governor.admit(copy, books.rules(), Optional.of(TEAM)))
                    .hasMessageContaining("public.child.code");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aMigrationAtTheSourceTakesItsTableOutOfWhatIsPublishedForMirrors(int version, Servers.Running servers)
            throws SQLException {
        try (Pair pair = new Pair(servers, version, TABLES)) {
            new Governor().admit(pair.source, books().rules(), Optional.empty());
            String published =
                    "SELECT tablename FROM pg_publication_tables WHERE pubname = 'espalier_mirror_x' ORDER BY 1";
            Shop.run(
                    pair.source,
                    "CREATE PUBLICATION espalier_mirror_x FOR TABLE person (id, email), login (id, email), secret (id, what)",
                    "COMMENT ON TABLE person IS 'people'");
            assertThat(Shop.read(pair.source, published)).containsExactly("login", "person", "secret");
            Shop.run(pair.source, "ALTER TABLE secret DROP COLUMN what");
            assertThat(Shop.read(pair.source, published)).containsExactly("login", "person");
            Shop.run(pair.source, "DO $$ BEGIN EXECUTE 'ALTER TABLE log' || 'in RENAME COLUMN email TO mail'; END $$");
            assertThat(Shop.read(pair.source, published))
                    .as("nothing says beforehand which tables it is about")
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void noMigrationFailsBecauseAFunctionHasItsWords(int version, Servers.Running servers) throws SQLException {
        try (Pair pair = new Pair(servers, version, TABLES)) {
            new Governor().admit(pair.source, books().rules(), Optional.empty());
            Shop.run(
                    pair.source,
                    "CREATE FUNCTION migrate_7() RETURNS void LANGUAGE plpgsql AS 'BEGIN ALTER TABLE person DROP COLUMN data; END'",
                    "CREATE PUBLICATION espalier_mirror_x FOR TABLE person (id, email, data)",
                    "SELECT migrate_7()");
            assertThat(published(pair)).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void schemasThatTradeNamesAreNotSentThroughEachOthersMasks(int version, Servers.Running servers)
            throws SQLException {
        String schemas = """
                CREATE SCHEMA one;
                CREATE TABLE one.t (id int PRIMARY KEY, value text);
                CREATE SCHEMA two;
                CREATE TABLE two.t (id int PRIMARY KEY, value text);
                """;
        try (Pair pair = new Pair(servers, version, TABLES)) {
            Shop.run(pair.source, schemas);
            new Governor().admit(pair.source, books().rules(), Optional.empty());
            Shop.run(
                    pair.source,
                    "CREATE PUBLICATION espalier_mirror_x FOR TABLE one.t (id, value), two.t (id, value), person (id, email)",
                    "ALTER SCHEMA one RENAME TO other",
                    "ALTER SCHEMA two RENAME TO one",
                    "ALTER SCHEMA other RENAME TO two");
            assertThat(published(pair)).containsExactly("person");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void rowsOfATableThatLosesItsIdentityCanStillBeChanged(int version, Servers.Running servers) throws SQLException {
        String indexed = """
                CREATE TABLE indexed (id int NOT NULL, value text);
                CREATE UNIQUE INDEX by_id ON indexed (id);
                ALTER TABLE indexed REPLICA IDENTITY USING INDEX by_id;
                INSERT INTO indexed VALUES (1, 'x');
                """;
        try (Pair pair = new Pair(servers, version, TABLES + indexed)) {
            new Governor().admit(pair.source, books().rules(), Optional.empty());
            Shop.run(
                    pair.source,
                    "CREATE PUBLICATION espalier_mirror_x FOR TABLE indexed (id, value), person (id, email)",
                    "DROP INDEX by_id",
                    "UPDATE indexed SET value = 'y'");
            assertThat(published(pair)).containsExactly("person");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatIsNotPublishedAnyMoreIsNotReadForAFirstCopyEither(int version, Servers.Running servers)
            throws SQLException {
        try (Pair pair = new Pair(servers, version, TABLES)) {
            new Governor().admit(pair.source, books().rules(), Optional.empty());
            String feed = "espalier_mirror_" + pair.name;
            Shop.run(
                    pair.source,
                    "CREATE ROLE " + feed,
                    "GRANT SELECT (id, email, value) ON person TO " + feed,
                    "GRANT SELECT (id, email) ON login TO " + feed,
                    "CREATE PUBLICATION " + feed + " FOR TABLE person (id, email, value), login (id, email)",
                    "ALTER TABLE person RENAME COLUMN email TO mail");
            assertThat(Shop.read(
                            pair.source,
                            "SELECT has_any_column_privilege('" + feed + "', 'person', 'SELECT'),"
                                    + " has_any_column_privilege('" + feed + "', 'login', 'SELECT')"))
                    .containsExactly("f|t");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatAMaskSaysOfAValueIsNotSaid(int version, Servers.Running servers) throws SQLException {
        String angry = """
                CREATE FUNCTION angry(v text) RETURNS text LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT (v::integer)::text; END;
                """;
        Books books = books();
        books.policies.clear();
        books.policy("email", new ColumnMask(CATALOG + ".public.angry", "c", List.of()), Set.of("team"));
        try (Pair pair = new Pair(servers, version, TABLES + angry)) {
            new Governor().admit(pair.source, books.rules(), Optional.empty());
            new MirrorMasks().prepare(pair.source, pair.mirror, books.rules(), TEAM);
            Shop.run(pair.mirror, "SET session_replication_role = replica");
            assertThatThrownBy(() -> Shop.run(pair.mirror, "INSERT INTO login VALUES (1, 'RAW')"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22P02"))
                    .hasMessageContaining("a value of login cannot be masked")
                    .hasMessageNotContaining("RAW");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aCopyMayChangeTheFunctionsThatItWasMaskedWith(int version, Servers.Running servers) throws SQLException {
        String own = """
                CREATE FUNCTION first_letter(v text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
                AS 'SELECT left(v, 1)';
                """;
        Books books = books();
        books.policies.clear();
        books.policy("email", new ColumnMask(CATALOG + ".public.first_letter", "c", List.of()), Set.of("team"));
        try (Pair pair = new Pair(servers, version, TABLES + own)) {
            Governor governor = new Governor();
            governor.admit(pair.source, books.rules(), Optional.empty());
            MirrorMasks masks = new MirrorMasks();
            masks.prepare(pair.source, pair.mirror, books.rules(), TEAM);
            Shop.run(
                    pair.mirror,
                    "SET session_replication_role = replica",
                    "INSERT INTO login VALUES (1, 'RAW')",
                    "SET session_replication_role = origin");
            masks.release(pair.mirror);
            governor.admit(pair.mirror, books.rules(), Optional.of(TEAM));
            Shop.run(pair.mirror, "DROP FUNCTION first_letter(text)");
            governor.admit(pair.mirror, books.rules(), Optional.of(TEAM));
            assertThat(Shop.read(pair.mirror, "SELECT email FROM login")).containsExactly("R");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void tablesThatAreNotTakenKeepNoOthersFromBeingTruncated(int version, Servers.Running servers) throws SQLException {
        String note = "CREATE TABLE note (id bigint PRIMARY KEY, person bigint REFERENCES person (id));";
        try (Pair pair = new Pair(servers, version, TABLES + note)) {
            new Governor().admit(pair.source, books().rules(), Optional.empty());
            new MirrorMasks().prepare(pair.source, pair.mirror, books().rules(), TEAM);
            Shop.run(pair.mirror, "SET session_replication_role = replica", "TRUNCATE person, login");
        }
    }

    private static List<String> published(Pair pair) throws SQLException {
        return Shop.read(
                pair.source,
                "SELECT tablename FROM pg_publication_tables WHERE pubname = 'espalier_mirror_x' ORDER BY 1");
    }
}
