package dev.espalier.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.BranchInsight.DatabaseDiff;
import dev.espalier.control.metastore.Grants;
import dev.espalier.control.metastore.LiveCatalog.Function;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.request.Address;
import dev.espalier.identity.Principal;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who is shown what a function does. */
class FunctionBodiesTest extends GovernedShop {

    private static final Securable LOOSE = function("loose");

    private static Securable function(String name) {
        return new Securable(SecurableType.FUNCTION, SecurableName.of(DATABASE, "public", name));
    }

    private static Principal ann() {
        return test.plane.principals().named("ann").orElseThrow();
    }

    private static String diff(Principal who, String branch) {
        DatabaseDiff found = test.plane
                .insight()
                .schemaDiff(who, "shop", branch, "production", Optional.of(DATABASE))
                .getFirst();
        return found.diff().toText() + found.diff().toScript() + found.diff().changes();
    }

    @Test
    void aDiffOfBranchesShowsTheBodiesThatTheCatalogShows() throws SQLException {
        define(mask());
        test.succeed(branch("other-bodies"));
        test.execute("other-bodies", """
                CREATE OR REPLACE FUNCTION loose(c text) RETURNS boolean LANGUAGE sql AS $$SELECT c = 'secret'$$;
                CREATE PROCEDURE added() LANGUAGE sql AS $$SELECT 'secret of a procedure'$$;
                CREATE FUNCTION added(c text) RETURNS text LANGUAGE sql RETURN 'secret of another'
                """);

        assertThat(diff(ann(), "other-bodies"))
                .contains("public.loose(text)", "public.added()", "public.added(text)")
                .contains("not changed: its definition is not shown", "not made: its definition is not shown")
                .doesNotContain("secret", "SELECT true");
        assertThat(diff(root, "other-bodies")).contains("c = 'secret'", "SELECT true", "of a procedure", "of another");
        grant("ann", LOOSE, Privilege.EXECUTE);
        assertThat(diff(ann(), "other-bodies"))
                .contains("c = 'secret'", "SELECT true")
                .doesNotContain("of a procedure", "of another");
        revoke("ann", LOOSE, Privilege.EXECUTE);
    }

    @Test
    void whoOwnsAFunctionHasNoRightToAnotherOfItsName() throws SQLException {
        define(mask());
        var _ = test.plane.logins().open(ann(), Optional.empty(), Address.parse("shop/" + DATABASE), Optional.empty());
        inDatabase(DATABASE, """
                CREATE FUNCTION public.loose(c integer) RETURNS boolean LANGUAGE sql AS 'SELECT c = 1';
                ALTER FUNCTION public.loose(integer) OWNER TO ann;
                CREATE FUNCTION public.hers(c integer) RETURNS boolean LANGUAGE sql AS 'SELECT c = 2';
                CREATE FUNCTION public.hers(c text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
                ALTER FUNCTION public.hers(integer) OWNER TO ann;
                ALTER FUNCTION public.hers(text) OWNER TO ann
                """);

        assertThat(test.plane.metastore().catalogs().functions(ann(), SecurableName.of(DATABASE, "public")))
                .filteredOn(each -> each.name().equals("loose"))
                .extracting(Function::body)
                .containsExactlyInAnyOrder("", "SELECT c = 1");
        assertThatThrownBy(() -> giveBob(LOOSE))
                .hasMessageContaining("ann has neither MANAGE on the function " + DATABASE + ".public.loose");
        giveBob(function("hers"));
        inDatabase(DATABASE, "DROP FUNCTION public.loose(integer), public.hers(integer), public.hers(text)");
    }

    @Test
    void whoOwnsAFunctionHasNoRightToAProcedureAggregateOrExtensionsFunctionOfItsName() throws SQLException {
        define(mask());
        var _ = test.plane.logins().open(ann(), Optional.empty(), Address.parse("shop/" + DATABASE), Optional.empty());
        inDatabase(DATABASE, """
                CREATE PROCEDURE public.tidy() LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
                CREATE AGGREGATE public.total(integer) (SFUNC = int4pl, STYPE = integer);
                CREATE EXTENSION citext SCHEMA public;
                CREATE FUNCTION public.tidy(c integer) RETURNS integer LANGUAGE sql RETURN c;
                CREATE FUNCTION public.total(c text) RETURNS integer LANGUAGE sql RETURN 1;
                CREATE FUNCTION public.citext_eq(c integer) RETURNS integer LANGUAGE sql RETURN c;
                ALTER FUNCTION public.tidy(integer) OWNER TO ann;
                ALTER FUNCTION public.total(text) OWNER TO ann;
                ALTER FUNCTION public.citext_eq(integer) OWNER TO ann
                """);

        for (String name : List.of("tidy", "total", "citext_eq")) {
            assertThatThrownBy(() -> giveBob(function(name)))
                    .hasMessageContaining("ann has neither MANAGE on the function " + DATABASE + ".public." + name);
        }
        inDatabase(DATABASE, """
                DROP FUNCTION public.tidy(integer), public.total(text), public.citext_eq(integer);
                DROP PROCEDURE public.tidy();
                DROP AGGREGATE public.total(integer);
                DROP EXTENSION citext
                """);
    }

    @Test
    void proceduresAggregatesAndWhatExtensionsBringAreGivenAsFunctionsAre() throws SQLException {
        inDatabase(DATABASE, """
                CREATE PROCEDURE public.only_procedure() LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
                CREATE AGGREGATE public.only_aggregate(integer) (SFUNC = int4pl, STYPE = integer);
                CREATE EXTENSION citext SCHEMA public
                """);

        for (String name : List.of("only_procedure", "only_aggregate", "citext_eq")) {
            assertThat(grant("bob", function(name), Privilege.EXECUTE).after().orElseThrow())
                    .hasSize(1);
            revoke("bob", function(name), Privilege.EXECUTE);
            assertThatThrownBy(() -> test.plane
                            .metastore()
                            .catalogs()
                            .function(root, function(name).name()))
                    .as("what is shown are plain functions of users")
                    .hasMessageContaining("there is no function " + DATABASE + ".public." + name)
                    .hasMessageContaining("in_bern");
            assertThatThrownBy(() -> define(filter(DATABASE + ".public." + name, "c")))
                    .hasMessageContaining("there is no function " + DATABASE + ".public." + name);
        }
        inDatabase(DATABASE, """
                DROP PROCEDURE public.only_procedure();
                DROP AGGREGATE public.only_aggregate(integer);
                DROP EXTENSION citext
                """);
    }

    private static void giveBob(Securable on) {
        test.plane
                .metastore()
                .grants()
                .update(ann(), on, List.of(new Grants.Change("bob", Set.of(Privilege.EXECUTE), Set.of())));
    }
}
