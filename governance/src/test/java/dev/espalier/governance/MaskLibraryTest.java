package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.Condition;
import dev.espalier.control.metastore.Condition.HasTagValue;
import dev.espalier.control.metastore.MaskFunction;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.Policy.Alias;
import dev.espalier.control.metastore.Policy.Argument;
import dev.espalier.control.metastore.Policy.ColumnMask;
import dev.espalier.control.metastore.Policy.Constant;
import dev.espalier.control.metastore.Policy.Match;
import dev.espalier.control.metastore.Policy.RowFilter;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
            // Of these PostgreSQL takes no regular expression, and before 18 no LIKE.
            Map.entry(
                    "text COLLATE app.folded",
                    List.of(
                            "",
                            "SECRET@corp.com",
                            "42-42-42 SECRET",
                            "4242",
                            "{\"email\": \"SECRET\", \"phone\": \"42-42-42\"}")),
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
            shop.migrate("CREATE COLLATION folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false)");
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

    @ParameterizedTest
    @MethodSource("versions")
    void noSettingOfWhoReadsChangesWhatHeIsShown(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.migrate(
                    "CREATE TABLE visits (id integer PRIMARY KEY, at timestamptz, born date)",
                    "INSERT INTO visits VALUES (1, '2024-03-31 23:30:00+00', '1980-07-14'), (2, '2024-03-01 00:30:00+00', '1980-07-14')");
            Map<String, String> hidden = Map.of(
                    "date", "1990-05-17",
                    "timestamp", "1990-05-17 03:04:05.5",
                    "timestamptz", "1990-05-17 03:04:05.5+00");
            for (String type : hidden.keySet()) {
                shop.migrate(
                        "CREATE TABLE by_" + type + " (id integer PRIMARY KEY, it " + type + ")",
                        "INSERT INTO by_" + type + " VALUES (1, '" + hidden.get(type)
                                + "'), (2, '2000-01-01'), (3, '2001-01-01')",
                        "CREATE TABLE only_" + type + " AS TABLE by_" + type);
            }
            shop.classifyAll();
            shop.tag("visits", "at", "at");
            shop.tag("visits", "born", "born");
            shop.policy(
                    "month",
                    Set.of("analysts"),
                    new HasTagValue("pii", "at"),
                    new ColumnMask("system.mask.month", "c", List.of()));
            shop.policies.add(new Policy(
                    "id-shift",
                    "shift",
                    Optional.empty(),
                    new Securable(SecurableType.CATALOG, SecurableName.of(Shop.CATALOG)),
                    Set.of("analysts"),
                    Set.of(),
                    new Condition.Always(),
                    List.of(
                            new Match("c", new HasTagValue("pii", "born")),
                            new Match("s", new HasTagValue("pii", "at"))),
                    new ColumnMask("system.mask.date_shift", "c", List.of(new Alias("s"), new Constant("30")))));
            hidden.forEach((type, value) -> {
                shop.tag("by_" + type, "it", "by " + type);
                shop.tag("only_" + type, "it", "only " + type);
                filter(shop, "by " + type, "is_none_of", value);
                filter(shop, "only " + type, "is_one_of", value);
            });
            shop.govern();
            String query =
                    "SELECT concat_ws('|', extract(epoch FROM at), extract(epoch FROM born)) FROM visits ORDER BY id";
            List<String> shown = shop.read(shop.analyst, query);
            assertThat(shown).allMatch(row -> row.startsWith("1709251200"), "the month's first moment in UTC");
            try (Connection session = shop.as(shop.analyst)) {
                for (String style : List.of("ISO, MDY", "German", "SQL, DMY", "Postgres")) {
                    for (String zone : List.of("UTC", "<A>-167:59", "<A>+167:59", "Pacific/Kiritimati")) {
                        // The driver takes no other style for its session.
                        Shop.run(
                                session,
                                "CREATE OR REPLACE FUNCTION pg_temp.seen(query text) RETURNS SETOF text LANGUAGE plpgsql"
                                        + " SET datestyle = " + style + " SET timezone = '" + zone
                                        + "' AS 'BEGIN RETURN QUERY EXECUTE query; END'");
                        assertThat(seen(session, query)).as(style + " " + zone).isEqualTo(shown);
                        for (String type : hidden.keySet()) {
                            assertThat(seen(session, "SELECT id::text FROM by_" + type + " ORDER BY 1"))
                                    .as(type + " " + style + " " + zone)
                                    .containsExactly("2", "3");
                            assertThat(seen(session, "SELECT id::text FROM only_" + type))
                                    .as(type + " " + style + " " + zone)
                                    .containsExactly("1");
                        }
                    }
                }
            }
        }
    }

    private static List<String> seen(Connection session, String query) throws SQLException {
        return Shop.read(session, "SELECT * FROM pg_temp.seen($query$" + query + "$query$)");
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatHasAnotherTextForOtherSettingsIsNotTakenAsText(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            List<String> types =
                    List.of("real", "double precision", "bytea", "interval", "money", "regclass", "tstzrange");
            for (int i = 0; i < types.size(); i++) {
                shop.migrate(
                        "CREATE TABLE odd" + i + " (id integer, it " + types.get(i) + ")",
                        "INSERT INTO odd" + i + " VALUES (1, NULL)");
            }
            shop.classifyAll();
            for (int i = 0; i < types.size(); i++) {
                shop.tag("odd" + i, "it", "odd");
            }
            filter(shop, "odd", "is_none_of", "1");
            List<String> warnings = shop.govern().warnings();
            for (int i = 0; i < types.size(); i++) {
                String table = "odd" + i;
                assertThatThrownBy(() -> shop.read(shop.analyst, "SELECT id FROM " + table))
                        .hasMessageContaining("permission denied");
                assertThat(warnings)
                        .anyMatch(warning -> warning.contains(table) && warning.contains("could depend on settings"));
            }
        }
    }

    private static void filter(Shop shop, String tag, String function, String value) {
        shop.policy(
                "filter " + tag,
                Set.of("analysts"),
                new HasTagValue("pii", tag),
                new RowFilter("system.mask." + function, List.of(new Alias("c"), new Constant(value))));
    }

    /** The null and the shifted date, which {@code AttackTest} and the oracle have, take other arguments. */
    @Test
    void everyFunctionOfTheLibraryIsTried() {
        Set<String> tried = Stream.concat(
                        CASES.stream().map(Case::function), Stream.of("null", "date_shift", "is_one_of", "is_none_of"))
                .collect(Collectors.toSet());
        assertThat(MaskLibrary.functions()).extracting(MaskFunction::name).isSubsetOf(tried);
    }
}
