package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The three forms of a schema's difference. */
class BranchDiffTest {
    private static final String CALL = "GET projects/shop/branches/dev/schema_diff";
    private static final String ONE = """
            {"databases":[{"database":"catalog","empty":false,"text":"+ table public.t\\n","ddl":"CREATE TABLE public.t ();\\n"}]}""";
    private static final String SEVERAL = """
            {"databases":[{"database":"a","empty":false,"text":"+ table a.t","ddl":"CREATE TABLE a.t ();"},
            {"database":"b","empty":true,"text":"","ddl":""},
            {"database":"c","empty":false,"text":"- table c.t","ddl":"DROP TABLE c.t;"}]}""";

    @RegisterExtension
    final CommandFixture command = new CommandFixture();

    BranchDiffTest() throws IOException {}

    @Test
    void textIsForReading() {
        command.api.answer(CALL, 200, ONE);
        assertThat(command.line("branches diff dev -p shop --against production")
                        .out())
                .isEqualTo("+ table public.t\n");
    }

    @Test
    void textOfSeveralDatabasesNamesEach() {
        command.api.answer(CALL, 200, SEVERAL);
        assertThat(command.line("branches diff dev -p shop --against production")
                        .out())
                .isEqualTo("""
                        -- a
                        + table a.t

                        -- c
                        - table c.t
                        """);
    }

    @Test
    void ddlThatOneDatabaseCannotRunIsRefused() {
        command.api.answer(CALL, 200, SEVERAL);
        CommandFixture.Run several = command.line("branches diff dev -p shop --against production --format ddl");
        assertThat(several.exitCode()).isEqualTo(2);
        assertThat(several.out()).isEmpty();
        assertThat(several.err()).contains("--database", "(a, c)");

        command.api.reset(CALL).answer(CALL, 200, ONE);
        CommandFixture.Run other = command.line("branches diff dev -p shop --against production --format ddl");
        assertThat(other.exitCode()).isEqualTo(2);
        assertThat(other.err()).contains("(catalog)");
    }

    @Test
    void ddlIsOfTheDatabaseThatWasAskedForOrOfTheUsualOne() {
        command.api.answer(CALL, 200, ONE);
        assertThat(command.line("branches diff dev -p shop --against production --database catalog --format ddl")
                        .out())
                .isEqualTo("CREATE TABLE public.t ();\n");

        command.api
                .reset(CALL)
                .answer(
                        CALL,
                        200,
                        SEVERAL.replace("\"a\"", "\"databricks_postgres\"")
                                .replace("\"c\",\"empty\":false", "\"c\",\"empty\":true"));
        assertThat(command.line("branches diff dev -p shop --against production --format ddl")
                        .out())
                .isEqualTo("-- databricks_postgres\nCREATE TABLE a.t ();\n");
    }

    @Test
    void theNameOfADatabaseCannotEndItsComment() {
        command.api.answer(CALL, 200, SEVERAL.replace("\"database\":\"a\"", "\"database\":\"a\\nDROP TABLE t;\""));
        assertThat(command.line("branches diff dev -p shop --against production --database c --format ddl")
                        .out())
                .startsWith("-- a DROP TABLE t;\nCREATE TABLE a.t ();\n");
    }

    @Test
    void jsonIsTheBodyUnchangedByEitherOption() {
        command.api.answer(CALL, 200, SEVERAL);
        String line = "branches diff dev -p shop --against production ";
        assertThat(command.line(line + "--format json").out()).isEqualTo(SEVERAL + "\n");
        assertThat(command.line(line + "--output json").out()).isEqualTo(SEVERAL + "\n");
    }

    @Test
    void oneDatabaseCanBeAskedFor() {
        command.line("branches diff dev -p shop --against projects/shop/branches/production --database catalog");
        assertThat(command.api.last().query()).isEqualTo("against=projects/shop/branches/production&database=catalog");
    }
}
