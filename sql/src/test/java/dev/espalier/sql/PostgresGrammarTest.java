package dev.espalier.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostgresGrammarTest {

    private static PostgresGrammar grammar;

    @BeforeAll
    static void load() {
        grammar = new PostgresGrammar(2);
    }

    private static Statement only(String text) throws SqlSyntaxException {
        List<Statement> statements = grammar.parse(text);
        assertThat(statements).hasSize(1);
        return statements.getFirst();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "VALUES (1) | SELECT | SELECT | SELECT",
                "TABLE t | SELECT | SELECT | SELECT",
                "SELECT 1 INTO x | CREATE | SELECT | CREATE",
                "SELECT 1 INTO x UNION SELECT 2 | CREATE | SELECT | CREATE",
                "INSERT INTO t DEFAULT VALUES | INSERT | INSERT | INSERT",
                "MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE | MERGE | MERGE | MERGE",
                "COPY t TO STDOUT | COPY | COPY | COPY_TO",
                "COPY t FROM STDIN | COPY | COPY | COPY_FROM",
                "COPY t FROM '/etc/passwd' | COPY | COPY | SERVER_FILE",
                "COPY (SELECT 1) TO PROGRAM 'sh' | COPY | COPY | SERVER_PROGRAM",
                "TRUNCATE t | TRUNCATE | TRUNCATE TABLE | TRUNCATE",
                "CREATE TABLE t AS SELECT 1 | CREATE | SELECT | CREATE",
                "CREATE TABLE t AS SELECT 1 WITH NO DATA | CREATE | CREATE TABLE AS | CREATE",
                "CREATE MATERIALIZED VIEW v AS SELECT 1 WITH NO DATA | CREATE | CREATE MATERIALIZED VIEW | CREATE",
                "ALTER TABLE t RENAME COLUMN a TO b | ALTER | ALTER TABLE | ALTER",
                "ALTER FOREIGN DATA WRAPPER w OWNER TO x | ALTER | ALTER FOREIGN DATA WRAPPER | GRANT",
                "DROP TEXT SEARCH PARSER p | DROP | DROP TEXT SEARCH PARSER | DROP",
                "DROP TABLE t | DROP | DROP TABLE | DROP",
                "GRANT SELECT ON t TO x | GRANT | GRANT | GRANT",
                "REVOKE r FROM x | REVOKE | REVOKE ROLE | GRANT",
                "CREATE USER u | CREATE | CREATE ROLE | ROLE",
                "SET search_path = x | SET | SET | SET",
                "RESET ALL | SET | RESET | SET",
                "SHOW all | SHOW | SHOW | SHOW",
                "START TRANSACTION | BEGIN | START TRANSACTION | TRANSACTION",
                "ROLLBACK TO SAVEPOINT s | ROLLBACK | ROLLBACK | TRANSACTION",
                "PREPARE p AS DELETE FROM t | PREPARE | PREPARE | DELETE",
                "DEALLOCATE ALL | DEALLOCATE | DEALLOCATE ALL | DISCARD",
                "MOVE c | FETCH | MOVE | CURSOR",
                "DECLARE c CURSOR FOR SELECT 1 FOR UPDATE | DECLARE | DECLARE CURSOR | ROW_LOCK",
                "ANALYZE t | ANALYZE | ANALYZE | MAINTENANCE",
                "VACUUM | VACUUM | VACUUM | MAINTENANCE",
                "REFRESH MATERIALIZED VIEW v | REFRESH | REFRESH MATERIALIZED VIEW | MAINTENANCE",
                "DO 'x' | DO | DO | DO",
                "CALL p() | CALL | CALL | CALL",
                "LOAD 'x' | OTHER | LOAD | SYSTEM",
                "DISCARD TEMP | OTHER | DISCARD TEMP | DISCARD",
                "CREATE PROCEDURE p() BEGIN ATOMIC DELETE FROM t; END | CREATE | CREATE PROCEDURE | DELETE",
                "CREATE RULE r AS ON SELECT TO t DO ALSO DELETE FROM s | CREATE | CREATE RULE | DELETE",
            })
    void namesTypeTagAndEffect(String text, StatementType type, String tag, Effect effect) throws SqlSyntaxException {
        Statement statement = only(text);
        assertThat(statement.type()).isEqualTo(type);
        assertThat(statement.commandTag()).hasValue(tag);
        assertThat(statement.effects()).contains(effect);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT 1 | 0",
                "SELECT '$1', $tag$ $2 $tag$ | 0",
                "SELECT * FROM t WHERE a = $1 LIMIT $3 | 3",
                "WITH q AS (SELECT $2::int) TABLE q | 2"
            })
    void tellsTheHighestParameter(String text, int highest) throws SqlSyntaxException {
        assertThat(only(text).parameters()).isEqualTo(highest);
    }

    @Test
    void doesNotGuessTheTagOfAPreparedStatement() throws SqlSyntaxException {
        assertThat(only("EXECUTE p").commandTag()).isEmpty();
        assertThat(only("EXECUTE p").type()).isEqualTo(StatementType.EXECUTE);
    }

    @Test
    void seesADeleteInsideAWithQuery() throws SqlSyntaxException {
        Statement statement = only("WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d");
        assertThat(statement.effects()).containsExactlyInAnyOrder(Effect.SELECT, Effect.DELETE);
        assertThat(statement.relations()).containsExactly(new Relation("", "", "t", 23, true));
    }

    @Test
    void tellsExplainThatRunsFromExplainThatDoesNot() throws SqlSyntaxException {
        assertThat(only("EXPLAIN ANALYZE DELETE FROM t").effects()).contains(Effect.EXPLAIN_ANALYZE, Effect.DELETE);
        assertThat(only("EXPLAIN (ANALYZE ON) SELECT 1").effects()).contains(Effect.EXPLAIN_ANALYZE);
        for (String off : List.of("off", "false", "0", "'OFF'")) {
            assertThat(only("EXPLAIN (ANALYZE " + off + ") SELECT 1").effects())
                    .as(off)
                    .doesNotContain(Effect.EXPLAIN_ANALYZE);
        }
    }

    @Test
    void splitsWhereTheServerDoesAndNotWhereAStringPretendsTo() throws SqlSyntaxException {
        String text = "SELECT E'\\''; DELETE FROM t; --'";
        assertThat(grammar.parse(text))
                .extracting(Statement::type, statement -> text.substring(statement.start(), statement.end()))
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(StatementType.SELECT, "SELECT E'\\''"),
                        org.assertj.core.groups.Tuple.tuple(StatementType.DELETE, "DELETE FROM t"));
        assertThat(grammar.parse("SELECT '\\'; DELETE FROM t; --'")).hasSize(2);
    }

    @Test
    void findsNothingInBlanksAndComments() throws SqlSyntaxException {
        assertThat(grammar.parse("")).isEmpty();
        assertThat(grammar.parse(" ;; -- x\n /* ; */ ")).isEmpty();
    }

    @Test
    void countsOffsetsInBytesOfUtf8() throws SqlSyntaxException {
        assertThat(grammar.parse("SELECT 'é'; SELECT * FROM s.t").getLast().relations())
                .containsExactly(new Relation("", "s", "t", 27, false));
        assertThatExceptionOfType(SqlSyntaxException.class)
                .isThrownBy(() -> grammar.parse("SELECT 'é' FRM x y"))
                .withMessageContaining("syntax error at or near \"x\"")
                .satisfies(e -> assertThat(e.position()).isEqualTo(16));
    }

    @Test
    void seesWhatIsWrittenBeforeAColumn() throws SqlSyntaxException {
        assertThat(only("SELECT i.a, s.i.b, c.s.i.* FROM s.i ORDER BY \"S\".i.b")
                        .qualifiers())
                .containsExactly(
                        new Relation("", "s", "i", 12, false),
                        new Relation("c", "s", "i", 19, false),
                        new Relation("", "S", "i", 45, false));
    }

    @Test
    void tellsAnInsertThatMayMeetRowsThatAreThere() throws SqlSyntaxException {
        assertThat(only("INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING").effects())
                .contains(Effect.INSERT, Effect.UPSERT);
        assertThat(only("INSERT INTO t VALUES (1)").effects()).doesNotContain(Effect.UPSERT);
    }

    @Test
    void keepsThreeNamesApart() throws SqlSyntaxException {
        assertThat(only("UPDATE Shop.sales.\"Order\" SET x = 1 FROM u").relations())
                .containsExactly(new Relation("shop", "sales", "Order", 7, true), new Relation("", "", "u", 41, false));
    }

    @Test
    void takesANameForAWithQueryOnlyWhereOneIsInSight() throws SqlSyntaxException {
        assertThat(only("WITH t AS (SELECT * FROM t) SELECT * FROM t").relations())
                .containsExactly(new Relation("", "", "t", 25, false));
        assertThat(only("WITH RECURSIVE t AS (SELECT * FROM t) SELECT * FROM t").relations())
                .isEmpty();
        assertThat(only("WITH t AS (SELECT 1) INSERT INTO t SELECT * FROM t").relations())
                .containsExactly(new Relation("", "", "t", 33, true));
        assertThat(only("WITH t AS (SELECT 1) SELECT * FROM public.t").relations())
                .containsExactly(new Relation("", "public", "t", 35, false));
    }

    @Test
    void tellsWhatADefinitionChangesFromWhatItRefersTo() throws SqlSyntaxException {
        assertThat(only("CREATE TABLE a (LIKE b, c int REFERENCES d)").relations())
                .extracting(Relation::name, Relation::written)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("a", true),
                        org.assertj.core.groups.Tuple.tuple("b", false),
                        org.assertj.core.groups.Tuple.tuple("d", false));
    }

    @Test
    void namesDroppedRelationsThoughTheGrammarKeepsNoOffset() throws SqlSyntaxException {
        assertThat(only("DROP VIEW a.b, c").relations())
                .containsExactly(new Relation("", "a", "b", -1, true), new Relation("", "", "c", -1, true));
    }

    @Test
    void takesNoAliasForARelation() throws SqlSyntaxException {
        assertThat(only("SELECT * FROM t x FOR UPDATE OF x").relations())
                .containsExactly(new Relation("", "", "t", 14, false));
    }

    @Test
    void findsFunctionsWhereverTheyAreCalled() throws SqlSyntaxException {
        assertThat(only("SELECT f(1) FROM pg_catalog.g() ORDER BY h(i())").functions())
                .containsExactlyInAnyOrder("f", "pg_catalog.g", "h", "i");
        assertThat(only("CALL p(q())").functions()).containsExactlyInAnyOrder("p", "q");
    }

    @Test
    void namesTheSettingsThatAStatementChanges() throws SqlSyntaxException {
        assertThat(only("SET LOCAL ROLE x").settings()).containsExactly("role");
        assertThat(only("SET SESSION AUTHORIZATION DEFAULT").settings()).containsExactly("session_authorization");
        assertThat(only("SET TRANSACTION READ WRITE").settings()).containsExactly("transaction_read_only");
        assertThat(only("BEGIN READ WRITE").settings()).containsExactly("transaction_read_only");
        assertThat(only("RESET ALL").settings()).containsExactly("all");
        assertThat(only("ALTER ROLE x SET role = y").settings()).isEmpty();
    }

    @Test
    void namesTheSchemasOfASearchPathThatIsSet() throws SqlSyntaxException {
        assertThat(only("SET search_path TO App, \"Other\", 'x y', ''").searchPath())
                .contains(new PathSetting(false, List.of("app", "Other", "x y", "")));
        assertThat(only("SET LOCAL SEARCH_PATH = app").searchPath()).contains(new PathSetting(true, List.of("app")));
        assertThat(only("SET SCHEMA 'App'").searchPath()).contains(new PathSetting(false, List.of("App")));
        assertThat(only("SET search_path TO DEFAULT").searchPath()).isEmpty();
        assertThat(only("SET search_path TO 1").searchPath()).isEmpty();
        assertThat(only("SET work_mem TO app").searchPath()).isEmpty();
    }

    @Test
    void normalizesConstantsAway() throws SqlSyntaxException {
        assertThat(grammar.normalize("SELECT * FROM t WHERE a = 1 AND b = 'x'"))
                .isEqualTo("SELECT * FROM t WHERE a = $1 AND b = $2");
        assertThatExceptionOfType(SqlSyntaxException.class).isThrownBy(() -> grammar.normalize("SELEC 1"));
    }

    @Test
    void fingerprintsWhatDiffersInConstantsAlike() throws SqlSyntaxException {
        assertThat(grammar.fingerprint("select a from t where b = 1"))
                .isEqualTo(grammar.fingerprint("SELECT a FROM t WHERE b = 'two'"))
                .isNotEqualTo(grammar.fingerprint("SELECT a FROM t WHERE c = 1"))
                .matches("[0-9a-f]{16}");
    }
}
