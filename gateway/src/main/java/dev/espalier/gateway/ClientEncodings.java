package dev.espalier.gateway;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * PostgreSQL's client encodings, as far as Java knows them. Which bytes make a character is the same to both, so that a quote or a
 * backslash is one to both; which character they make may differ beyond ASCII.
 */
final class ClientEncodings {

    private static final Map<String, String> JAVA_NAMES = Map.ofEntries(
            Map.entry("BIG5", "x-windows-950"),
            Map.entry("EUC_CN", "GB2312"),
            Map.entry("EUC_JP", "EUC-JP"),
            Map.entry("EUC_KR", "EUC-KR"),
            Map.entry("EUC_TW", "x-EUC-TW"),
            Map.entry("GB18030", "GB18030"),
            Map.entry("GBK", "GBK"),
            Map.entry("JOHAB", "x-Johab"),
            Map.entry("SJIS", "windows-31j"),
            Map.entry("UHC", "x-windows-949"),
            Map.entry("ISO_8859_5", "ISO-8859-5"),
            Map.entry("ISO_8859_6", "ISO-8859-6"),
            Map.entry("ISO_8859_7", "ISO-8859-7"),
            Map.entry("ISO_8859_8", "ISO-8859-8"),
            Map.entry("LATIN1", "ISO-8859-1"),
            Map.entry("LATIN2", "ISO-8859-2"),
            Map.entry("LATIN3", "ISO-8859-3"),
            Map.entry("LATIN4", "ISO-8859-4"),
            Map.entry("LATIN5", "ISO-8859-9"),
            Map.entry("LATIN7", "ISO-8859-13"),
            Map.entry("LATIN9", "ISO-8859-15"),
            Map.entry("KOI8R", "KOI8-R"),
            Map.entry("KOI8U", "KOI8-U"),
            Map.entry("WIN866", "IBM866"),
            Map.entry("WIN874", "x-windows-874"),
            Map.entry("WIN1250", "windows-1250"),
            Map.entry("WIN1251", "windows-1251"),
            Map.entry("WIN1252", "windows-1252"),
            Map.entry("WIN1253", "windows-1253"),
            Map.entry("WIN1254", "windows-1254"),
            Map.entry("WIN1255", "windows-1255"),
            Map.entry("WIN1256", "windows-1256"),
            Map.entry("WIN1257", "windows-1257"),
            Map.entry("WIN1258", "windows-1258"));

    private ClientEncodings() {}

    /** Names in PostgreSQL's capitals. */
    static Set<String> names() {
        return JAVA_NAMES.keySet();
    }

    /** @param name in PostgreSQL's capitals */
    static Optional<Charset> charset(String name) {
        return Optional.ofNullable(JAVA_NAMES.get(name))
                .filter(Charset::isSupported)
                .map(Charset::forName);
    }

    /** Empty where the bytes are none of the encoding; the server refuses them, too. */
    static Optional<byte[]> inUtf8(byte[] text, Charset encoding) {
        try {
            ByteBuffer utf8 = StandardCharsets.UTF_8
                    .newEncoder()
                    .encode(encoding.newDecoder().decode(ByteBuffer.wrap(text)));
            return Optional.of(Arrays.copyOf(utf8.array(), utf8.limit()));
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
