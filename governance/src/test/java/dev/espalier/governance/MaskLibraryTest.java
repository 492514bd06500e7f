package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.control.metastore.Condition.HasTagValue;
import dev.espalier.control.metastore.MaskFunction;
import dev.espalier.control.metastore.Policy.Alias;
import dev.espalier.control.metastore.Policy.Argument;
import dev.espalier.control.metastore.Policy.ColumnMask;
import dev.espalier.control.metastore.Policy.Constant;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the functions for masks show to one who may not use the schema that they are in. */
@ExtendWith(Servers.class)
class MaskLibraryTest {

    /**
     * @param value as a literal of the type
     * @param shown a regular expression for what he reads
     */
    private record Case(String function, String type, String value, List<Argument> arguments, String shown) {}

    private static final String ENTITY = """
            {"spec": {"profile": {"Email": "SECRET@raw.example", "phone": null}},
             "text": "ask \\"SECRET@raw.example\\" or +46-70-555-1040", "SECRET@raw.example": [1, 46705551040], "n": 7}""";

    private static final List<Case> CASES = List.of(
            of("redact", "text", "SECRET", "\\*\\*\\*"),
            of("email", "text", "SECRET@raw.example", "S\\*\\*\\*@raw\\.example"),
            of("email_full", "text", "SECRET@raw.example", "\\*\\*\\*@masked\\.invalid"),
            of("phone", "text", "+46-70-555-1040", "\\*\\*\\*40"),
            of("name", "text", "Olga SECRET", "O\\. S\\."),
            of("partial", "text", "abSECRETyz", "ab--yz", "2", "--", "2"),
            of("year", "date", "2001-05-06", "2001-01-01"),
            of("month", "date", "2001-05-06", "2001-05-01"),
            of("bucket", "numeric", "4242", "4200", "100"),
            of("ip", "inet", "192.0.2.77", "192\\.0\\.2\\.0/24"),
            of("hash", "text", "SECRET", "[0-9a-f]{64}"),
            of("token", "text", "SECRET", "t[0-9a-f]{20}"),
            of("email_token", "text", "SECRET@raw.example", "u[0-9a-f]{20}@masked\\.invalid"),
            of("digits", "text", "42-42-42 SECRET", "(?!42-42-42)\\d\\d-\\d\\d-\\d\\d \\*{6}"),
            of("redact_patterns", "text", "SECRET@raw.example, 42424242", "\\*\\*\\*@masked\\.invalid, \\*{10}"),
            new Case("when_key", "text", "SECRET", List.of(new Alias("c"), new Constant("name|secret")), "\\*\\*\\*"),
            of("json_paths", "jsonb", ENTITY, ".*\"Email\": \"\\*\\*\\*\".*", "spec.profile.Email"),
            of("json_keys", "jsonb", ENTITY, ".*\"Email\": \"\\*\\*\\*\", \"phone\": null.*", "email", "phone"),
            of("json_text_paths", "text", ENTITY, ".*\"Email\": \"\\*\\*\\*\".*", "spec.profile.Email"),
            of("json_text_paths", "text", "{SECRET", "\\{\"masked\":.*", "spec"),
            of(
                    "json_text_keys",
                    "text",
                    ENTITY,
                    "(?!.*(SECRET|1040)).*\"n\": 7.*\"Email\": \"\\*\\*\\*\", \"phone\": null.*",
                    "email",
                    "phone"),
            of("json_text_keys", "text", "{SECRET", "\\{\"masked\":.*", "email"),
            of("json_text_keys", "text", "4242424242", "\"\\*+\"", "email"));

    private static Case of(String function, String type, String value, String shown, String... constants) {
        return new Case(
                function,
                type,
                value,
                Stream.of(constants).<Argument>map(Constant::new).toList(),
                shown);
    }

    static int[] versions() {
        return Servers.versions();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void eachShowsItsMaskAndJsonStaysJson(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            for (int i = 0; i < CASES.size(); i++) {
                Case each = CASES.get(i);
                shop.migrate(
                        "CREATE TABLE sample" + i + " (id integer PRIMARY KEY, it " + each.type() + ")",
                        "INSERT INTO sample" + i + " VALUES (1, '" + each.value() + "')");
            }
            shop.classifyAll();
            for (int i = 0; i < CASES.size(); i++) {
                Case each = CASES.get(i);
                shop.tag("sample" + i, "it", "case " + i);
                shop.policy(
                        "case" + i,
                        Set.of("analysts"),
                        new HasTagValue("pii", "case " + i),
                        new ColumnMask("system.mask." + each.function(), "c", each.arguments()));
            }
            shop.govern();
            for (int i = 0; i < CASES.size(); i++) {
                Case each = CASES.get(i);
                assertThat(shop.read(shop.analyst, "SELECT it FROM sample" + i))
                        .as(each.function() + " of " + each.value())
                        .singleElement()
                        .asString()
                        .matches(each.shown());
                if (each.function().startsWith("json_")) {
                    assertThat(shop.read(shop.analyst, "SELECT it::jsonb IS NOT NULL FROM sample" + i))
                            .as("JSON")
                            .containsExactly("t");
                }
            }
        }
    }

    /** The null and the shifted date, which {@code AttackTest} and the oracle have, take other arguments. */
    @Test
    void noneIsLeftOut() {
        Set<String> tried = Stream.concat(
                        CASES.stream().map(Case::function), Stream.of("null", "date_shift", "is_one_of", "is_none_of"))
                .collect(Collectors.toSet());
        assertThat(MaskLibrary.functions()).extracting(MaskFunction::name).isSubsetOf(tried);
    }
}
