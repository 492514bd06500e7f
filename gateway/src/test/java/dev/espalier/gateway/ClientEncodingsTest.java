package dev.espalier.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts in other encodings than UTF8 are recorded as the server reads them. */
class ClientEncodingsTest extends GatewayTest {

    /** In the place of a character of several bytes the second of which is a backslash in ASCII. */
    private static final String HERE = "@";

    static Set<String> encodings() {
        return ClientEncodings.names();
    }

    @ParameterizedTest
    @MethodSource("encodings")
    void whatIsAQuoteOrABackslashIsOneToPostgresqlAndToJava(String name) throws SQLException {
        Charset encoding = ClientEncodings.charset(name).orElseThrow();
        String ascii = new String(HexFormat.of().parseHex("22275c41"), StandardCharsets.US_ASCII);
        assertThat(new String(ascii.getBytes(StandardCharsets.US_ASCII), encoding))
                .isEqualTo(ascii);
        postgres.execute("catalog", """
                CREATE OR REPLACE FUNCTION quotes(text bytea, encoding name) RETURNS text LANGUAGE plpgsql AS $$
                BEGIN
                    RETURN regexp_replace(convert_from(text, encoding), '[^''\\]', '', 'g');
                EXCEPTION WHEN others THEN
                    RETURN NULL;
                END $$""");
        for (String between : new String[] {"", "a1", "30", "8130"}) {
            for (String behind : new String[] {"27", "5c27", "5c5c27"}) {
                String seen =
                        postgres.value("SELECT string_agg(coalesce(quotes(decode(to_hex(n) || '" + between + behind
                                + "', 'hex'), '" + name + "'), '-'), ',' ORDER BY n) FROM generate_series(128, 255) n");
                String[] servers = seen.split(",", -1);
                for (int lead = 128; lead <= 255; lead++) {
                    String text = Integer.toHexString(lead) + between + behind;
                    String server = servers[lead - 128];
                    Optional<String> java = ClientEncodings.inUtf8(
                                    HexFormat.of().parseHex(text), encoding)
                            .map(utf8 -> new String(utf8, StandardCharsets.UTF_8).replaceAll("[^'\\\\]", ""));
                    if (!server.equals("-") && java.isPresent()) {
                        assertThat(java.get()).as(name + " " + text).isEqualTo(server);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GBK 955c", "BIG5 a55c", "SJIS 835c", "GB18030 955c", "LATIN1 e9"})
    void aTextIsRecordedInCharacters(String encodingAndLetter) throws Exception {
        String[] both = encodingAndLetter.split(" ");
        byte[] letter = HexFormat.of().parseHex(both[1]);
        String text = "SELECT '" + HERE + "', ';' AS second";
        byte[] sent = WireClient.bytes(
                text.substring(0, text.indexOf(HERE)).getBytes(StandardCharsets.US_ASCII),
                letter,
                text.substring(text.indexOf(HERE) + 1).getBytes(StandardCharsets.US_ASCII),
                new byte[1]);
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.send('Q', "SET client_encoding = '" + both[0] + "'");
            client.until('Z');
            client.send('Q', sent);
            assertThat(client.typesUntil('Z')).isEqualTo("TDCZ");
        }
        String character = new String(letter, ClientEncodings.charset(both[0]).orElseThrow());
        assertThat(character).hasSize(1);
        assertThat(statements().getLast().text()).isEqualTo(text.replace(HERE, character));
    }

    @Test
    void whatIsNoTextOfTheEncodingIsRefusedByTheServerAndRecorded() throws Exception {
        byte[] wrong = HexFormat.of().parseHex("ff27");
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.send('Q', "SET client_encoding = 'GBK'");
            client.until('Z');
            client.send('Q', WireClient.bytes("SELECT '".getBytes(StandardCharsets.US_ASCII), wrong, new byte[1]));
            assertThat(client.until('Z').getFirst().field('C')).isEqualTo("22P05");
        }
        assertThat(statements().getLast().text()).startsWith("SELECT '");
    }
}
