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
                session.unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyIn(
                                "COPY orders (customer_id, amount, ship_to) FROM STDIN",
                                new StringReader("1\t77\there\n"));
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
