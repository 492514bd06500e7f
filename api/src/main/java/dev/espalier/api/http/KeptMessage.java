package dev.espalier.api.http;

import dev.espalier.api.wire.Wire;
import dev.espalier.control.request.ControlException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;

/**
 * What the audit keeps of a message: what the server has read in it, and not what the client put around that. Of what is long, the
 * beginning with length and digest of all.
 */
final class KeptMessage {

    /** Characters. */
    static final int LONGEST = 8192;

    /** Characters of one text in a message that is longer. */
    private static final int LONGEST_TEXT = 256;

    /** No method takes a secret in a body; a client may send one all the same, as SCIM's {@code password}. */
    private static final Pattern SECRET_FIELD = Pattern.compile(
            "(?i)(\"\\w{0,64}?(?:password|secret|token)\\w{0,64}\"\\s*+:\\s*+)\"(?:[^\"\\\\]|\\\\.)*+\"");

    /** A step of a SCIM patch as the server writes it, from its path on: the value is its last field. */
    private static final Pattern SECRET_PATH =
            Pattern.compile("(?i)(\"path\":\"[^\"\\\\]{0,256}?(?:password|secret|token)[^\"\\\\]{0,256}+\",\"value\":)"
                    + "(?:\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\"|[^\"{}]++|[{\\[].*)}");

    /** Where a secret may begin in what could not be read; also a value, whose name may stand behind it, and what may hide a name. */
    private static final Pattern TELLING = Pattern.compile(
            "password|passwd|pwd|secret|token|credential|api_?key|authorization|bearer|value|\\\\u|%[0-9a-f]|\\x00",
            Pattern.CASE_INSENSITIVE);

    /** A text of JSON. Every one is found, also a short one, so that none is looked for within another. */
    private static final Pattern TEXT =
            Pattern.compile("\"((?:[^\"\\\\]|\\\\.){0," + LONGEST_TEXT + "}+)((?:[^\"\\\\]|\\\\.)*+)\"");

    private KeptMessage() {}

    /** A body as it was sent; as it stands there where it cannot be read, and is refused for that. */
    static String sent(byte[] body, Class<?> type) {
        if (body.length == 0) {
            return "";
        }
        try {
            return kept(withoutSecrets(text(Wire.write(Wire.read(body, type)))));
        } catch (ControlException | JacksonException unreadable) {
            return unread(body);
        }
    }

    /** Nobody knows where texts begin and end in it, so that it is cut by its length, and where a secret may begin. */
    private static String unread(byte[] body) {
        String text = text(body).strip();
        Matcher telling = TELLING.matcher(text);
        int end = Math.min(telling.find() ? telling.start() : text.length(), LONGEST);
        return end == text.length()
                ? text
                : text.substring(0, end) + "… (shortened; all of it: " + body.length + " bytes)";
    }

    private static String withoutSecrets(String message) {
        String fields = SECRET_FIELD.matcher(message).replaceAll("$1\"[removed]\"");
        return SECRET_PATH.matcher(fields).replaceAll("$1\"[removed]\"}");
    }

    /** A message of the server's own. */
    static String written(byte[] json) {
        return kept(text(json));
    }

    /** Texts are cut first, so that what stands behind a long one is seen. */
    private static String kept(String message) {
        if (message.length() <= LONGEST) {
            return message;
        }
        String shorter = TEXT.matcher(message)
                .replaceAll(text -> text.group(2).isEmpty()
                        ? Matcher.quoteReplacement(text.group())
                        : Matcher.quoteReplacement("\"" + text.group(1) + "…\""));
        String beginning = shorter.length() <= LONGEST ? shorter : shorter.substring(0, LONGEST);
        byte[] all = message.getBytes(StandardCharsets.UTF_8);
        return beginning + " (shortened; all of it: " + all.length + " bytes, SHA-256 "
                + HexFormat.of().formatHex(sha256(all)) + ")";
    }

    private static byte[] sha256(byte[] all) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(all);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Always as the API reads it: what the client says of its encoding is the client's word. */
    private static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
