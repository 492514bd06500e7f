package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.cli.client.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** All policies of a catalog from a file: replayed, and applied. */
class PolicySetTest {

    private static final String SET = "/api/2.1/unity-catalog/policy-sets/shop";

    @RegisterExtension
    final CommandFixture command = new CommandFixture();

    @TempDir
    Path directory;

    private String file = "";

    PolicySetTest() throws IOException {}

    @BeforeEach
    void write() throws IOException {
        file = Files.writeString(directory.resolve("set.json"), """
                {"catalog_name":"shop","epoch":7,"policies":[]}""").toString();
    }

    @Test
    void theFileIsSentWithWhatTheOptionsSay() {
        command.api.answer("POST " + SET + "/replay", 200, "{}");
        command.run("policies", "replay", "shop", "--file", file, "--branch", "dev", "--since", "2h", "--limit", "5");
        assertThat(command.api.last().json()).isEqualTo(Json.parse("""
                {"catalog_name":"shop","epoch":7,"policies":[],"branch":"dev","since":"7200s","limit":5}"""));
        command.api.answer("PUT " + SET, 200, "{}");
        command.run("policies", "apply", "shop", "--file", file);
        assertThat(command.api.last().json().get("epoch").asInt()).isEqualTo(7);
        command.run("policies", "apply", "shop", "--file", file, "--epoch", "9");
        assertThat(command.api.last().json().get("epoch").asInt()).isEqualTo(9);
    }

    @Test
    void aFileHasWhatCanBeChangedAlone() {
        command.api.answer("GET " + SET, 200, """
                {"catalog_name":"shop","epoch":7,"policies":[{"id":"1","name":"p","created_at":1,"created_by":"ann",
                  "to_principals":["bob"],"updated_at":2,"updated_by":"ann"}]}""");
        assertThat(Json.parse(command.run("policies", "export", "shop").out())).isEqualTo(Json.parse("""
                {"catalog_name":"shop","epoch":7,"policies":[{"name":"p","to_principals":["bob"]}]}"""));
    }

    @Test
    void whatAReplayHasShownIsReadByPrincipalAndByStatement() {
        command.api.answer("POST " + SET + "/replay", 200, """
                {"catalog_name":"shop","epoch":7,"principals":[{"principal":"ann","statements":2,"same":1,"other_values":1,
                  "other_rows":0,"refused":0,"allowed":0,"fails":0,"not_compared":0}],
                 "statements":[{"principal":"ann","outcome":"OTHER_VALUES","columns":["email"],"rows_now":2,"rows_then":2,
                  "statement_text":"SELECT *\\nFROM people","runs":3}],
                 "not_replayed":[{"reason":"CHANGES","meaning":"changes something","statements":4}],
                 "warnings":["the policy p matches nothing"]}""");
        CommandFixture.Run run = command.run("policies", "replay", "shop", "--file", file);
        assertThat(run.out()).isEqualTo("""
                PRINCIPAL  STATEMENTS  SAME  OTHER VALUES  OTHER ROWS  REFUSED  ALLOWED  FAILS  NOT COMPARED
                ann        2           1     1             0           0        0        0      0

                PRINCIPAL  OUTCOME       COLUMNS  ROWS NOW  THEN  RUNS  STATEMENT
                ann        OTHER_VALUES  email    2         2     3     SELECT * FROM people
                """);
        assertThat(run.err())
                .contains("Not replayed: 4 statements; each changes something.")
                .contains("Note: the policy p matches nothing")
                .contains("espalier policies apply shop --file FILE --epoch 7");
    }

    @Test
    void aFileThatIsNoSetIsRefusedWithoutACall() throws IOException {
        Path other = Files.writeString(directory.resolve("other.json"), "[]");
        CommandFixture.Run run = command.run("policies", "apply", "shop", "--file", other.toString());
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("has no list of policies");
        assertThat(command.run("policies", "apply", "shop", "--file", "/nowhere.json")
                        .exitCode())
                .isEqualTo(2);
        assertThat(command.api.calls()).isEmpty();
    }
}
