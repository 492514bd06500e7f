package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.Condition;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.Policy.ColumnMask;
import dev.espalier.control.metastore.Privilege;
import java.io.StringReader;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.PGConnection;

/** What an application does with a masked table: nothing that it was shown masked is ever written back. */
@ExtendWith(Servers.class)
class WritingTest {

    static int[] versions() {
        return Servers.versions();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void savingAWholeRowChangesOnlyWhatIsNotMasked(int version, Servers.Running servers) throws Exception {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            try (Connection session = shop.as(shop.writer)) {
                List<String> row = Shop.read(
                        session,
                        "SELECT email, full_name, phone, salary, born, rank, notes, second_email FROM customers WHERE id = 3");
                assertThat(row).hasSize(1);
                // As Django's save() or Hibernate without @DynamicUpdate: every column, as it was read.
                try (var update = session.prepareStatement("""
                        UPDATE customers c SET email = m.email, full_name = m.full_name, phone = m.phone, salary = m.salary,
                            born = ?::date, rank = 'high', notes = m.notes, second_email = m.second_email, region = c.region
                        FROM customers m WHERE m.id = c.id AND c.id = 3
                        """)) {
                    update.setString(1, "1990-01-01");
                    assertThat(update.executeUpdate()).isEqualTo(1);
                }
                assertThat(
                                Shop.read(
                                        session,
                                        "UPDATE customers SET born = '1991-01-01' WHERE id = 3 RETURNING id, email, salary, born"))
                        .containsExactly("3|S***@corp.example|null|1991-01-01");
                assertThatThrownBy(() -> Shop.run(session, "UPDATE customers SET email = 'a@b' WHERE id = 3"))
                        .hasMessageContaining("is masked for you");
                assertThatThrownBy(() -> Shop.run(session, "UPDATE customers SET salary = 1 WHERE id = 3"))
                        .hasMessageContaining("is masked for you");
                assertThatThrownBy(() -> Shop.run(session, "UPDATE customers SET region = 'XX' WHERE id = 3"))
                        .as("an error's detail")
                        .hasMessageNotContaining("SECRET")
                        .hasMessageNotContaining("4242");
                assertThatThrownBy(() -> Shop.run(session, "UPDATE customers SET region = 'APAC' WHERE id = 3"))
                        .as("a row cannot be moved out of sight")
                        .hasMessageContaining("row-level security");
                assertThatThrownBy(() -> Shop.run(session, "UPDATE customers SET id = 90000 WHERE id = 3"))
                        .hasMessageContaining("cannot be changed");
            }
            assertThat(
                            Shop.read(
                                    shop.admin,
                                    "SELECT email, full_name, phone, salary, born, rank, notes->'profile'->>'email', second_email FROM app.customers WHERE id = 3"))
                    .containsExactly(
                            "SECRETuser3@corp.example|SECRETname 3|+49 17 SECRET3|4242003.00|1991-01-01|high|SECRETjson3|SECRET23@x.com");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void rowsAreInsertedDeletedAndCopied(int version, Servers.Running servers) throws Exception {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            try (Connection session = shop.as(shop.writer)) {
                assertThat(
                                Shop.read(
                                        session,
                                        "INSERT INTO customers (email, region) VALUES ('new@corp.example', 'EU') RETURNING email, salary, region, rank"))
                        .containsExactly("n***@corp.example|null|EU|low");
                assertThat(
                                Shop.read(
                                        session,
                                        "INSERT INTO orders (customer_id, amount, ship_to) VALUES (1, 5, NULL) RETURNING amount, ship_to"))
                        .containsExactly("5|null");
                Shop.run(
                        session,
                        "INSERT INTO customers (id, email, full_name, phone, salary) VALUES (9001, 'x@corp.example', 'n', NULL, 5)");
                assertThatThrownBy(() -> Shop.run(
                                session, "INSERT INTO customers (email, region) VALUES ('z@corp.example', 'APAC')"))
                        .hasMessageContaining("row-level security");
                assertThatThrownBy(() ->
                                Shop.run(session, "INSERT INTO customers (email) VALUES ('SECRETuser4@corp.example')"))
                        .hasMessageContaining("duplicate key")
                        .hasMessageNotContaining("4242");
                Shop.run(session, "DELETE FROM customers WHERE id = 9001");
                StringWriter out = new StringWriter();
                session.unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyOut("COPY (SELECT id, email, salary, phone FROM customers) TO STDOUT", out);
                assertThat(out.toString())
                        .doesNotContain("SECRET")
                        .doesNotContain("4242")
                        .contains("S***@");
                copy(session, "COPY orders (customer_id, amount, ship_to) FROM STDIN", "1\t77\there\n");
                assertThat(Shop.read(session, "SELECT ship_to FROM orders WHERE amount = 77"))
                        .contains("***");
                String write =
                        Shop.read(session, "SELECT current_schemas(false)").getFirst();
                assertThat(write).contains("app__p");
                // What the gateway does: ON CONFLICT goes to the view for writing.
                String schema = write.substring(1).split(",")[0];
                Shop.run(
                        session,
                        "INSERT INTO " + schema + "_w.customers (id, email, region) VALUES (4, 'q@corp.example', 'EU')"
                                + " ON CONFLICT (id) DO UPDATE SET born = '2000-02-02'");
                assertThat(Shop.read(session, "SELECT born FROM customers WHERE id = 4"))
                        .containsExactly("2000-02-02");
                Shop.run(session, "UPDATE events SET who = who WHERE id = 2");
                Shop.run(
                        session,
                        "INSERT INTO " + schema + "_w.events VALUES (2, 'EU', 'again'), (201, 'US', 'new')"
                                + " ON CONFLICT (id, region) DO NOTHING");
                assertThat(Shop.read(session, "SELECT id, who FROM events WHERE id IN (2, 201)"))
                        .containsExactlyInAnyOrder("2|***", "201|***");
                String merge = "MERGE INTO " + schema + "_w.orders o USING (VALUES (4, 44), (10004, 45)) v (id, amount)"
                        + " ON o.id = v.id WHEN MATCHED THEN UPDATE SET amount = v.amount"
                        + " WHEN NOT MATCHED THEN INSERT (id, amount) VALUES (v.id, v.amount)";
                if (version >= 17) {
                    Shop.run(session, merge);
                    assertThat(Shop.read(session, "SELECT amount FROM orders WHERE id IN (4, 10004) ORDER BY id"))
                            .containsExactly("44", "45");
                } else {
                    assertThatThrownBy(() -> Shop.run(session, merge)).hasMessageContaining("cannot execute MERGE");
                }
                assertThatThrownBy(() -> Shop.run(session, "SELECT email FROM " + schema + "_w.customers"))
                        .hasMessageContaining("permission denied");
            }
            try (Connection session = shop.as(shop.analyst)) {
                assertThatThrownBy(() -> Shop.run(session, "INSERT INTO customers (region) VALUES ('EU')"))
                        .hasMessageContaining("permission denied");
                assertThatThrownBy(() -> Shop.run(session, "DELETE FROM orders"))
                        .hasMessageContaining("permission denied");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aMaskedColumnThatIsLeftOutGetsItsDefault(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            shop.migrate(
                    "CREATE DOMAIN channel AS text DEFAULT 'mail'",
                    "ALTER TABLE orders ADD COLUMN locale text NOT NULL DEFAULT 'en', ADD COLUMN said text DEFAULT 'none', ADD COLUMN way channel");
            try (Connection session = shop.as(shop.writer)) {
                assertThat(Shop.read(
                                session, "INSERT INTO orders (customer_id) VALUES (7) RETURNING locale, said, way"))
                        .as("nobody has looked at these columns yet")
                        .containsExactly("null|null|null");
                Shop.run(session, "INSERT INTO orders (customer_id, said, way, locale) VALUES (7, NULL, NULL, 'de')");
                assertThatThrownBy(() -> Shop.run(session, "INSERT INTO orders (customer_id, locale) VALUES (7, NULL)"))
                        .hasMessageContaining("not-null");
            }
            assertThat(
                            Shop.read(
                                    shop.admin,
                                    "SELECT locale, said, way FROM app.orders WHERE customer_id = 7 AND amount IS NULL ORDER BY id"))
                    .containsExactly("en|none|mail", "de|null|null");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatIsEqualAndNotTheSameIsWritten(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
                    "CREATE TABLE terms (id integer PRIMARY KEY, secret text, price numeric, lasts interval, data jsonb, far float8, name text COLLATE any_case)",
                    "INSERT INTO terms VALUES (1, 'SECRET', 1.0, '1 mon', '{\"a\": 1}', 0, 'alice')");
            shop.classifyAll();
            shop.tag("terms", "secret", "name");
            shop.govern();
            try (Connection session = shop.as(shop.writer)) {
                Shop.run(
                        session,
                        "UPDATE terms SET secret = '***', price = 1.00, lasts = '30 days', data = '{\"a\": 1.00}', far = '-0', name = 'ALICE'");
            }
            assertThat(Shop.read(shop.admin, "SELECT * FROM app.terms"))
                    .containsExactly("1|SECRET|1.00|30 days|{\"a\": 1.00}|-0|ALICE");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void copyGoesIntoAFilteredTableByItsOwnerOrThroughATableOfOnesOwn(int version, Servers.Running servers)
            throws Exception {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE places (id integer, region text)",
                    "INSERT INTO places VALUES (1, 'EU'), (2, 'APAC')");
            shop.classifyAll();
            shop.tag("places", "region", "region");
            shop.govern();
            for (String role : List.of(shop.exempt, shop.writer)) {
                try (Connection session = shop.as(role)) {
                    assertThatThrownBy(() -> copy(session, "COPY places FROM STDIN", "3\tUS\n"))
                            .hasMessageContaining("COPY FROM not supported with row-level security");
                    Shop.run(session, "CREATE TEMP TABLE more (LIKE places)");
                    copy(session, "COPY more FROM STDIN", "3\tUS\n");
                    Shop.run(session, "INSERT INTO places SELECT * FROM more");
                    // As pg_dump asks for it, and does not with --enable-row-security.
                    Shop.run(session, "SET row_security = off");
                    assertThatThrownBy(() -> Shop.read(session, "SELECT * FROM places"))
                            .hasMessageContaining("row-level security policy");
                    Shop.run(session, "SET row_security = on");
                    assertThat(Shop.read(session, "SELECT DISTINCT region FROM places"))
                            .hasSize(role.equals(shop.exempt) ? 3 : 2);
                }
            }
            try (Connection session = shop.as(shop.manager)) {
                Shop.run(session, "SET ROLE app_owner");
                copy(session, "COPY app.places FROM STDIN", "4\tUS\n");
                Shop.run(session, "SET row_security = off");
                assertThat(Shop.read(session, "SELECT count(*) FROM app.places"))
                        .containsExactly("5");
            }
        }
    }

    private static void copy(Connection session, String statement, String rows) throws Exception {
        session.unwrap(PGConnection.class).getCopyAPI().copyIn(statement, new StringReader(rows));
    }

    /** There PostgreSQL itself writes through the view. */
    @ParameterizedTest
    @MethodSource("versions")
    void aMaskedTableWithoutAKeyTakesRowsWithNumbersOfItsSequence(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate("CREATE TABLE visits (id serial, email text, note text)");
            shop.classifyAll();
            shop.tag("visits", "email", "email");
            shop.govern();
            try (Connection session = shop.as(shop.writer)) {
                Shop.run(session, "INSERT INTO visits (note) VALUES ('x')");
            }
            assertThat(shop.read(shop.writer, "SELECT id, note FROM visits")).containsExactly("1|x");
            assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT nextval('app.visits_id_seq')"))
                    .hasMessageContaining("permission denied");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void sequencesThatBelongToNoColumnAreForWhoeverMayWriteInTheSchema(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate("CREATE SEQUENCE tickets_seq");
            shop.govern();
            shop.migrate("CREATE SEQUENCE later_seq");
            for (String sequence : List.of("app.tickets_seq", "app.later_seq")) {
                String next = "SELECT nextval('" + sequence + "')";
                assertThat(shop.read(shop.writer, next)).containsExactly("1");
                assertThatThrownBy(() -> shop.read(shop.analyst, next)).hasMessageContaining("permission denied");
            }
            shop.grants.removeIf(grant -> grant.privilege() == Privilege.MODIFY);
            shop.govern();
            assertThatThrownBy(() -> shop.read(shop.writer, "SELECT nextval('app.tickets_seq')"))
                    .hasMessageContaining("permission denied");
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aTriggerThatATemporaryTableCouldListenToIsNotRunByThoseWhomMasksBind(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            shop.migrate("CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS"
                    + " 'BEGIN INSERT INTO audit_log (row_data) VALUES (to_jsonb(NEW)); RETURN NEW; END'");
            shop.migrate("CREATE TRIGGER note AFTER UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION note()");
            try (Connection session = shop.as(shop.writer)) {
                Shop.run(
                        session,
                        "CREATE TEMP TABLE audit_log (row_data jsonb)",
                        "GRANT ALL ON pg_temp.audit_log TO PUBLIC");
                assertThatThrownBy(() -> Shop.run(session, "UPDATE customers SET born = born + 1 WHERE id = 3"))
                        .hasMessageContaining("permission denied");
                assertThat(Shop.read(session, "SELECT * FROM pg_temp.audit_log"))
                        .isEmpty();
            }
            assertThat(shop.govern().warnings())
                    .anyMatch(warning -> warning.contains("ALTER FUNCTION app.note() SET search_path"));
            shop.migrate(
                    "ALTER FUNCTION note() SET search_path = app, pg_temp", "ALTER FUNCTION note() SECURITY DEFINER");
            try (Connection session = shop.as(shop.writer)) {
                Shop.run(
                        session,
                        "CREATE TEMP TABLE audit_log (row_data jsonb)",
                        "GRANT ALL ON pg_temp.audit_log TO PUBLIC");
                Shop.run(session, "UPDATE customers SET born = born + 1 WHERE id = 3");
                assertThat(Shop.read(session, "SELECT * FROM pg_temp.audit_log"))
                        .isEmpty();
            }
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void wordsAndVariablesOfTheTriggersLanguageAreNamesOfColumns(int version, Servers.Running servers)
            throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE visits (begin integer GENERATED BY DEFAULT AS IDENTITY, if integer, by text, loop text, PRIMARY KEY (begin, if))",
                    "CREATE TABLE variables (new integer, key_2 integer, old text, key_1 text, changed text, touched text, newest text,"
                            + " later text, tg_op text, written text, t text, PRIMARY KEY (new, key_2))");
            shop.classifyAll();
            shop.tag("visits", "by", "name");
            shop.tag("variables", "old", "name");
            shop.govern();
            try (Connection session = shop.as(shop.writer)) {
                Shop.run(session, "INSERT INTO visits (if, by, loop) VALUES (1, 'SECRET', 'a')");
                assertThat(Shop.read(session, "UPDATE visits SET loop = 'b', by = by RETURNING *"))
                        .containsExactly("1|1|***|b");
                Shop.run(
                        session,
                        "INSERT INTO variables VALUES (1, 2, 'SECRET', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a')");
                assertThat(Shop.read(
                                session, "UPDATE variables SET key_1 = 'b', changed = 'b', later = 'b' RETURNING *"))
                        .containsExactly("1|2|***|b|b|a|a|b|a|a|a");
            }
            assertThat(Shop.read(shop.admin, "SELECT * FROM app.visits")).containsExactly("1|1|SECRET|b");
            assertThat(Shop.read(shop.admin, "SELECT old FROM app.variables")).containsExactly("SECRET");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void namesThatHoldSqlStayNames(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            String evil = "\"x{2}$b$; CREATE ROLE evil_" + shop.database + "; --'\"\"%1$s\"";
            shop.migrate(
                    "CREATE TABLE \"T $f$ {1} '' %s\" (id integer PRIMARY KEY, " + evil + " text, \"{1}\" text)",
                    "INSERT INTO \"T $f$ {1} '' %s\" VALUES (1, 'SECRET', 'SECRET')");
            shop.classifyAll();
            shop.tag("T $f$ {1} '' %s", "x{2}$b$; CREATE ROLE evil_" + shop.database + "; --'\"%1$s", "phone");
            shop.tag("T $f$ {1} '' %s", "{1}", "email");
            shop.policy(
                    "mask_phone",
                    Set.of("analysts"),
                    new Condition.HasTagValue("pii", "phone"),
                    new ColumnMask(
                            "system.mask.when_key", "c", List.of(new Policy.Alias("c"), new Policy.Constant("{3}"))));
            shop.govern();
            try (Connection session = shop.as(shop.writer)) {
                assertThat(Shop.read(session, "SELECT * FROM \"T $f$ {1} '' %s\""))
                        .singleElement()
                        .asString()
                        .doesNotContain("|SECRET|S");
                Shop.run(session, "UPDATE \"T $f$ {1} '' %s\" SET id = id");
                Shop.run(session, "INSERT INTO \"T $f$ {1} '' %s\" VALUES (2, NULL, NULL)");
            }
            assertThat(Shop.read(shop.admin, "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'evil%'"))
                    .containsExactly("0");
            assertThat(shop.probe()).isEmpty();
        }
    }
}
