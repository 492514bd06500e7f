package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.cli.client.Json;
import dev.espalier.cli.failure.Failure;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a policy's function is given. */
class PolicyArgumentsTest {

    private static final String ON = "/api/2.1/unity-catalog/policies/table/shop.public.people";

    @RegisterExtension
    final CommandFixture command = new CommandFixture();

    PolicyArgumentsTest() throws IOException {}

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            region, 'US'             | [{"alias":"region"},{"constant":"US"}]
            'it''s','a,b',''         | [{"constant":"it's"},{"constant":"a,b"},{"constant":""}]
            -1,1.5 , -0.25,7         | [{"constant":"-1"},{"constant":"1.5"},{"constant":"-0.25"},{"constant":"7"}]
            TRUE,false               | [{"constant":"true"},{"constant":"false"}]
            1st,`my ``col`,"it's"    | [{"alias":"1st"},{"alias":"my `col"},{"alias":"it's"}]
            `true`,'1.2.3'           | [{"alias":"true"},{"constant":"1.2.3"}]
            """)
    void argumentsAreReadAsCreatePolicyReadsThem(String text, String arguments) {
        assertThat(UsingArguments.read(text)).isEqualTo(Json.parse(arguments));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.2.3", "1.", ".5", "-", "-x", "a,", ",a", "a b", "'a", "'a'b'", "a-b", "``", "NULL"})
    void whatCreatePolicyWouldNotReadIsRefused(String text) {
        assertThatThrownBy(() -> UsingArguments.read(text))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("--using");
    }

    @Test
    void aliasesOfColumnsMayBeLeftOutAndArgumentsBeGivenOneByOne() {
        command.api.answer("POST /api/2.1/unity-catalog/policies", 200, "{}");
        command.run(
                "policies",
                "create",
                "table",
                "shop.public.people",
                "only_eu",
                "--filter",
                "system.mask.is_one_of",
                "--to",
                "a",
                "--match",
                "region=has_tag('region')",
                "--match",
                "has_tag_value('k', 'a=b')",
                "--match",
                "=has_tag('c')",
                "--using",
                "region",
                "--using",
                "'EU'");
        assertThat(command.api.last().json().path("match_columns")).isEqualTo(Json.parse("""
                [{"alias":"region","condition":"has_tag('region')"},{"condition":"has_tag_value('k', 'a=b')"},
                 {"condition":"has_tag('c')"}]"""));
        assertThat(command.api.last().json().path("row_filter").path("using"))
                .isEqualTo(Json.parse("[{\"alias\":\"region\"},{\"constant\":\"EU\"}]"));
    }

    @Test
    void ofAnEffectOnlyWhatIsGivenIsSent() {
        command.api.answer("GET " + ON + "/only_eu", 200, """
                {"name":"only_eu","policy_type":"POLICY_TYPE_ROW_FILTER",
                 "row_filter":{"function_name":"system.mask.is_one_of","using":[{"alias":"region"},{"constant":"EU"}]}}""");
        command.api.answer("PATCH " + ON + "/only_eu", 200, "{}");
        command.run("policies", "update", "table", "shop.public.people", "only_eu", "--using", "region,'US'");
        assertThat(command.api.last().json()).isEqualTo(Json.parse("""
                {"row_filter":{"using":[{"alias":"region"},{"constant":"US"}]}}"""));
        assertThat(command.run("policies", "update", "table", "shop.public.people", "only_eu", "--on-column", "c"))
                .satisfies(run -> assertThat(run.exitCode()).isEqualTo(2))
                .satisfies(run -> assertThat(run.err()).contains("--on-column is for masks"));

        command.api.answer("GET " + ON + "/hide", 200, """
                {"name":"hide","policy_type":"POLICY_TYPE_COLUMN_MASK",
                 "column_mask":{"function_name":"system.mask.partial","on_column":"c","using":[{"constant":"1"}]}}""");
        command.api.answer("PATCH " + ON + "/hide", 200, "{}");
        command.run("policies", "update", "table", "shop.public.people", "hide", "--on-column", "d");
        assertThat(command.api.last().json()).isEqualTo(Json.parse("""
                {"column_mask":{"on_column":"d"}}"""));
        command.run(
                "policies",
                "update",
                "table",
                "shop.public.people",
                "hide",
                "--mask",
                "system.mask.redact",
                "--using",
                "");
        assertThat(command.api.last().json()).isEqualTo(Json.parse("""
                {"policy_type":"POLICY_TYPE_COLUMN_MASK","column_mask":{"function_name":"system.mask.redact",
                 "using":[]}}"""));
        command.run("policies", "update", "table", "shop.public.people", "hide", "--filter", "system.mask.is_one_of");
        assertThat(command.api.last().json()).isEqualTo(Json.parse("""
                {"policy_type":"POLICY_TYPE_ROW_FILTER","row_filter":{"function_name":"system.mask.is_one_of"}}"""));
    }

    @Test
    void whatChangesNothingOrFitsNoEffectIsRefused() {
        assertThat(command.run("policies", "update", "table", "shop.public.people", "hide"))
                .satisfies(run -> assertThat(run.exitCode()).isEqualTo(2))
                .satisfies(run -> assertThat(run.err()).contains("Nothing to change"));
        assertThat(command.run(
                        "policies", "create", "table", "shop.public.people", "p", "--filter", "f", "--on-column", "c"))
                .satisfies(run -> assertThat(run.exitCode()).isEqualTo(2))
                .satisfies(run -> assertThat(run.err()).contains("--on-column is for masks"));
        assertThat(command.api.calls()).isEmpty();
    }
}
