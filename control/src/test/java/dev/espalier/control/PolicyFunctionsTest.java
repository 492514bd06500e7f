package dev.espalier.control;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.PolicyDefinition;
import dev.espalier.control.metastore.PolicyDefinition.MatchText;
import dev.espalier.control.metastore.TagAssignments.Entity;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which functions of a database's own serve policies. */
class PolicyFunctionsTest extends GovernedShop {

    private static final String BODY =
            "CREATE OR REPLACE FUNCTION strict(v text) RETURNS text LANGUAGE plpgsql IMMUTABLE"
                    + " SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on AS $body$%s$body$";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "BEGIN IF v = '' THEN RAISE EXCEPTION 'bad %', v; END IF; RETURN '*'; END",
                "BEGIN IF v = '' THEN RAISE 'bad %', v USING ERRCODE = '22023'; END IF; RETURN '*'; END",
                "BEGIN IF v = '' THEN raise unique_violation USING MESSAGE = v; END IF; RETURN '*'; END",
                "BEGIN RAISE NOTICE 'saw %', v; RETURN '*'; END",
                "BEGIN ASSERT v <> '', v; RETURN '*'; END",
                "DECLARE q text := $$it's$$; BEGIN RAISE NOTICE 'saw %', v; RETURN q; END",
                "DECLARE q text := E'\\'' || '--'; BEGIN RAISE NOTICE 'saw %', v || ''; RETURN q; END",
                "BEGIN /* /* in */ ' */ RAISE NOTICE 'saw %', v; RETURN '*'; END"
            })
    void aFunctionThatRaisesServesNoPolicy(String body) throws SQLException {
        test.execute("production", BODY.formatted(body));
        assertThatThrownBy(() -> define(own("strict", "email")))
                .hasMessageContaining("strict has RAISE or ASSERT in it, or in what it calls")
                .hasMessageContaining("Give NULL");
    }

    @Test
    void whatIsCalledByAFunctionRaisesForIt() throws SQLException {
        test.execute("production", BODY.formatted("BEGIN RAISE NOTICE 'saw %', v; RETURN v; END"));
        test.execute(
                "production",
                "CREATE FUNCTION caller(v text) RETURNS text LANGUAGE sql IMMUTABLE RETURN left(strict(v), 1)");
        assertThatThrownBy(() -> define(own("caller", "email"))).hasMessageContaining("caller has RAISE or ASSERT");
        test.execute("production", BODY.formatted("BEGIN RETURN v; END"));
        define(own("caller", "email"));
    }

    @Test
    void theWordInAStringACommentOrAQuotedNameRaisesNothing() throws SQLException {
        test.execute("production", BODY.formatted("""
                DECLARE "raise" text := 'to raise'; -- It does not raise.
                BEGIN /* nor ASSERT */ RETURN "raise" || left(v, 1); END
                """).replace("strict", "gentle"));
        define(own("gentle", "email"));
    }

    @Test
    void aFunctionWhoseTextAReadersSettingGivesAnotherMeaningMasksNothing() throws SQLException {
        test.execute(
                "production",
                "CREATE FUNCTION public.hide(v text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp"
                        + " AS $$ SELECT regexp_replace(v, '\\w', '*', 'g') $$");
        PolicyDefinition hide = new PolicyDefinition(
                "hide",
                Optional.empty(),
                CATALOG,
                Set.of("analysts"),
                Set.of(),
                "TRUE",
                List.of(new MatchText("c", "has_tag('pii')")),
                new Policy.ColumnMask("databricks_postgres.public.hide", "c", List.of()));
        assertThatThrownBy(() -> define(hide)).hasMessageContaining("standard_conforming_strings = on");
        test.execute("production", "ALTER FUNCTION public.hide(text) SET standard_conforming_strings = on");
        define(hide);
    }

    @Test
    void ofFunctionsOfOneNameOneThatWillDoIsEnough() throws SQLException {
        test.execute("production", """
                CREATE FUNCTION either(v int) RETURNS int LANGUAGE sql AS 'SELECT 0';
                CREATE FUNCTION either(v text) RETURNS text LANGUAGE sql IMMUTABLE RETURN left(v, 1)
                """);
        define(own("either", "email"));
        test.execute("production", "DROP FUNCTION either(text)");
        assertThatThrownBy(() -> define(own("either", "phone"))).hasMessageContaining("is volatile");
        test.execute("production", "DROP FUNCTION either(int)");
    }

    @Test
    void aFunctionThatDoesNotGiveTheColumnsTypeMasksNothing() throws SQLException {
        test.execute("production", """
                CREATE FUNCTION length_of(v text) RETURNS int LANGUAGE sql IMMUTABLE RETURN length(v);
                CREATE FUNCTION cut(v varchar) RETURNS varchar LANGUAGE sql IMMUTABLE RETURN left(v, 1);
                CREATE FUNCTION rounded(v int) RETURNS int LANGUAGE sql IMMUTABLE RETURN v / 10 * 10
                """);
        assertThatThrownBy(() -> define(own("length_of", "email")))
                .hasMessageContaining("people.email, which is of type text")
                .hasMessageContaining("public.length_of, which takes text and gives integer");
        define(own("cut", "email"));
        Entity id = new Entity(PEOPLE, Optional.of("id"));
        tag(id, "pii", "phone");
        test.plane.metastore().tagAssignments().delete(root, PHONE, "pii");
        assertThatThrownBy(() -> define(own("cut", "phone")))
                .hasMessageContaining("people.id, which is of type integer")
                .hasMessageContaining("takes character varying and gives character varying");
        define(own("rounded", "phone"));
        test.plane.metastore().tagAssignments().delete(root, id, "pii");
        tag(PHONE, "pii", "phone");
    }

    private static PolicyDefinition own(String function, String tag) {
        PolicyDefinition mask = mask(function + "_" + tag, Set.of("analysts"), Set.of(), tag);
        return new PolicyDefinition(
                mask.name(),
                mask.comment(),
                mask.on(),
                mask.to(),
                mask.except(),
                mask.when(),
                mask.match(),
                new Policy.ColumnMask(DATABASE + ".public." + function, "c", List.of()));
    }
}
