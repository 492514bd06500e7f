package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.control.metastore.Condition.HasTagValue;
import dev.espalier.control.metastore.MaskFunction;
import dev.espalier.control.metastore.Policy.Alias;
import dev.espalier.control.metastore.Policy.Argument;
import dev.espalier.control.metastore.Policy.ColumnMask;
import dev.espalier.control.metastore.Policy.Constant;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

    private static final String DEEP = "[".repeat(2000) + "]".repeat(2000);

    private static final List<String> JSONS = List.of(
            "{\"email\": \"SECRET@corp.com\", \"bio\": \"hi \\ud83d\"}",
            "{\"email\": \"SECRET\\u0000\"}",
            "{\"email\": \"SECRET\", \"n\": 1e999999}",
            "{\"email\": \"SECRET\", \"email\": [1]}",
            "null",
            "\"SECRET\"",
            DEEP);

    private static final List<String> TEXTS = Stream.concat(
                    JSONS.stream(),
                    Stream.of(
                            "",
                            " ",
                            "@",
                            "SECRET@",
                            "@SECRET",
                            "SECRET@@x.y",
                            "\uff20",
                            "\n",
                            "[".repeat(20_000),
                            "(".repeat(500) + "@"))
            .toList();

    private static final List<Case> CASES = List.of(
            of("redact", "text", "SECRET", "\\*\\*\\*"),
            of("email", "text", "SECRET@raw.example", "S\\*\\*\\*@raw\\.example"),
            of("email", "text", "SECRET@raw.example (SECRET, +49 170 1234567)", "\\*\\*\\*"),
            of("email", "text", "call SECRET @ +49 170 1234567", "\\*\\*\\*"),
            of("email", "text", "SECRET@0170-1234567", "\\*\\*\\*"),
            of("email_full", "text", "SECRET@raw.example", "\\*\\*\\*@masked\\.invalid"),
            of("phone", "text", "+46-70-555-1040", "\\*\\*\\*40"),
            of("name", "text", "Olga SECRET", "O\\. S\\."),
            of("name", "text", "X", "\\*\\."),
            of("name", "text", "A SECRET B", "\\*\\. S\\. \\*\\."),
            of("partial", "text", "abSECRETyz", "ab--yz", "2", "--", "2"),
            of("partial", "text", "abcd", "--", "1", "--", "1"),
            of("year", "date", "2001-05-06", "2001-01-01"),
            of("month", "date", "2001-05-06", "2001-05-01"),
            of("bucket", "numeric", "4242", "4200", "100"),
            of("ip", "inet", "192.0.2.77", "192\\.0\\.2\\.0/24"),
            of("hash", "text", "SECRET", "[0-9a-f]{64}"),
            of("token", "text", "SECRET", "t[0-9a-f]{20}"),
            of("email_token", "text", "SECRET@raw.example", "u[0-9a-f]{20}@masked\\.invalid"),
            of("digits", "text", "42-42-42 SECRET", "(?!42-42-42)\\d\\d-\\d\\d-\\d\\d \\*{6}"),
            of("redact_patterns", "text", "SECRET@raw.example, 42424242", "\\*\\*\\*@masked\\.invalid, \\*{10}"),
            redacted("\"jane SECRET\"@corp.com", "\\*\\*\\*@masked\\.invalid"),
            redacted("SECRET(x)@corp.com", "\\*\\*\\*@masked\\.invalid"),
            redacted("SECRET%40corp.com", "\\*\\*\\*@masked\\.invalid"),
            redacted("{\"e\": \"SECRET\\u0040corp.com\"}", "\\{\"e\": \"\\*\\*\\*@masked\\.invalid\"\\}"),
            redacted("SECRET\uff20corp.com", "\\*\\*\\*@masked\\.invalid"),
            redacted("SECRET @ corp.com", "\\*\\*\\*@masked\\.invalid"),
            redacted("a table @ noon", "a table @ noon"),
            redacted("0170 \u2013 42424", "\\*{10}"),
            redacted("+49\u2011170\u20114242\u201156", "\\*{10}"),
            new Case("when_key", "text", "SECRET", List.of(new Alias("c"), new Constant("name|secret")), "\\*\\*\\*"),
            of("json_paths", "jsonb", ENTITY, ".*\"Email\": \"\\*\\*\\*\".*", "spec.profile.Email"),
            of(
                    "json_paths",
                    "jsonb",
                    "{\"a\": [{\"email\": \"SECRET\"}, [{\"email\": 1, \"n\": 7}], {\"email\": null}]}",
                    "\\{\"a\": \\[\\{\"email\": \"\\*\\*\\*\"\\}, \\[\\{\"n\": 7, \"email\": \"\\*\\*\\*\"\\}\\], \\{\"email\": null\\}\\]\\}",
                    "a.email"),
            of("json_paths", "jsonb", "[\"SECRET\", \"b\"]", "\\[\"\\*\\*\\*\", \"b\"\\]", "0"),
            of("json_paths", "json", "{\"email\": \"SECRET\", \"bio\": \"hi \\ud83d\"}", "\\{\"masked\":.*", "email"),
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

    private static Case redacted(String value, String shown) {
        return of("redact_patterns", "text", value, shown);
    }

    /** Values at the edges of their types, which a cast or a mask could stumble over. */
    private static final Map<String, List<String>> HOSTILE = Map.ofEntries(
            Map.entry("text", TEXTS),
            Map.entry("varchar(6)", List.of("", "x", "@", "SECRET")),
            Map.entry("character(3)", List.of("", "x@y")),
            Map.entry("name", List.of("", "SECRET@corp.com")),
            Map.entry("app.address", List.of("SECRET@corp.com")),
            Map.entry("json", JSONS),
            Map.entry(
                    "jsonb",
                    List.of(
                            "null",
                            "[]",
                            "{}",
                            "\"SECRET\"",
                            "{\"a\": {\"email\": [[[\"SECRET\"]]]}, \"email\": {\"0\": 1}}")),
            Map.entry("smallint", List.of("-32768", "32767")),
            Map.entry("integer", List.of("-2147483648", "2147483647")),
            Map.entry("bigint", List.of("-9223372036854775808", "9223372036854775807")),
            Map.entry("numeric", List.of("NaN", "Infinity", "-Infinity", "1e1000", "1e-1000")),
            Map.entry("numeric(5, 2)", List.of("999.99", "-999.99", "NaN")),
            Map.entry("real", List.of("NaN", "Infinity", "3.4028235e38", "-3.4028235e38", "1e-45")),
            Map.entry(
                    "double precision",
                    List.of("NaN", "-Infinity", "1.7976931348623157e308", "-1.7976931348623157e308", "5e-324")),
            Map.entry("date", List.of("4714-11-24 BC", "5874897-12-31", "infinity", "-infinity", "0001-12-31 BC")),
            Map.entry("timestamp", List.of("4714-11-24 BC", "294276-12-31 23:59:59.999999", "infinity", "-infinity")),
            Map.entry(
                    "timestamptz",
                    List.of("4714-11-25 BC", "294276-12-31 23:59:59.999999+00", "infinity", "-infinity")),
            Map.entry("inet", List.of("0.0.0.0/0", "255.255.255.255", "::/0", "2001:db8::1")),
            Map.entry("cidr", List.of("0.0.0.0/0", "10.0.0.0/8", "2001:db8::/64")),
            Map.entry("text[]", List.of("{}", "{SECRET,NULL}")),
            Map.entry("bytea", List.of("\\x00ff")),
            Map.entry("uuid", List.of("00000000-0000-0000-0000-000000000000")),
            Map.entry("boolean", List.of("true")),
            Map.entry("interval", List.of("178000000 years")),
            Map.entry("money", List.of("92233720368547758.07")),
            Map.entry("app.level", List.of("low")),
            Map.entry("int4range", List.of("empty", "(,)")),
            Map.entry("tsvector", List.of("SECRET:1")),
            Map.entry("bit(3)", List.of("101")),
            Map.entry("xml", List.of("<a>SECRET</a>")));

    private static final Map<String, List<Argument>> ARGUMENTS = Map.of(
            "partial", List.of(new Constant("1"), new Constant("*"), new Constant("1")),
            "bucket", List.of(new Constant("7")),
            "date_shift", List.of(new Alias("c"), new Constant("30")),
            "when_key", List.of(new Alias("c"), new Constant("(nam*e||[x")),
            "json_paths", List.of(new Constant("a.email"), new Constant("email"), new Constant("0")),
            "json_keys", List.of(new Constant("email")),
            "json_text_keys", List.of(new Constant("email")),
            "json_text_paths", List.of(new Constant("a.email"), new Constant("email")));

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

    @ParameterizedTest
    @MethodSource("versions")
    void noneFailsForAnyValueOfAnyTypeThatItTakes(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            List<String> masks = MaskLibrary.functions().stream()
                    .filter(function -> !function.returns().equals("boolean"))
                    .map(MaskFunction::name)
                    .toList();
            List<String> types = HOSTILE.keySet().stream().sorted().toList();
            for (int i = 0; i < types.size(); i++) {
                String type = types.get(i);
                shop.migrate("CREATE TABLE hostile" + i + " (id serial PRIMARY KEY, "
                        + masks.stream().map(mask -> "\"" + mask + "\" " + type).collect(Collectors.joining(", "))
                        + ")");
                for (String value : HOSTILE.getOrDefault(type, List.of())) {
                    String literal = "E'" + value.replace("\\", "\\\\") + "'";
                    shop.migrate("INSERT INTO hostile" + i + " SELECT 0 + nextval('hostile" + i + "_id_seq')"
                            + (", " + literal).repeat(masks.size()));
                }
                for (String mask : masks) {
                    shop.tag("hostile" + i, mask, "hostile " + mask);
                }
            }
            shop.classifyAll();
            for (String mask : masks) {
                shop.policy(
                        "hostile_" + mask,
                        Set.of("analysts"),
                        new HasTagValue("pii", "hostile " + mask),
                        new ColumnMask("system.mask." + mask, "c", ARGUMENTS.getOrDefault(mask, List.of())));
            }
            shop.govern();
            List<String> failed = new ArrayList<>();
            try (Connection session = shop.as(shop.analyst)) {
                Shop.run(session, "SET TimeZone = 'Pacific/Kiritimati'");
                for (int i = 0; i < types.size(); i++) {
                    for (String mask : masks) {
                        try {
                            Shop.read(session, "SELECT \"" + mask + "\"::text FROM hostile" + i);
                        } catch (SQLException e) {
                            failed.add(mask + " of " + types.get(i) + ": " + e.getMessage());
                        }
                    }
                }
            }
            assertThat(failed).isEmpty();
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
