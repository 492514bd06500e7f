package dev.espalier.sql;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A text with its plain constants blotted out, byte for byte: {@code id = 4711 AND name = 'x'} becomes {@code id = 0000 AND
 * name = '0'}. Applications without prepared statements send a new text for each new constant; what the grammar says of them
 * is the same for all texts of one shape, and stands at the same places.
 *
 * <p>Only what can be nothing else is blotted out: integers of up to nine digits that stand alone, and strings of ASCII
 * without backslashes that follow a blank, a comma, a parenthesis or a comparison; and a comment at the end. A text with
 * anything in it that could change the meaning of quotes or digits (other comments, dollar quotes, prefixed strings), of several
 * statements, or of a kind in which the grammar itself looks at a constant's value, is its own shape.
 */
final class Shape {

    /** In these the grammar looks at no constant's value but FLOAT's precision. */
    private static final List<String> KINDS = List.of("select", "insert", "update", "delete", "with", "values");

    /** Integers up to so many digits are all of one kind to the scanner. */
    private static final int MOST_DIGITS = 9;

    private static final byte BLOT = '0';

    private final byte[] text;
    private final byte[] shape;
    private int at;
    private boolean blotted;

    private Shape(byte[] text) {
        this.text = text;
        this.shape = text.clone();
    }

    /** @return the shape, as long as the text; empty where the text is its own shape */
    static Optional<byte[]> of(byte[] text) {
        if (!isOfKnownKind(text)) {
            return Optional.empty();
        }
        Shape made = new Shape(text);
        return made.blot() && made.blotted ? Optional.of(made.shape) : Optional.empty();
    }

    private static boolean isOfKnownKind(byte[] text) {
        int start = 0;
        while (start < text.length && isBlank(text[start])) {
            start++;
        }
        int end = start;
        while (end < text.length && end - start <= MOST_DIGITS && isLetter(text[end])) {
            end++;
        }
        String word = new String(text, start, end - start, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
        return KINDS.contains(word);
    }

    /** @return whether the whole text was understood */
    private boolean blot() {
        while (at < text.length) {
            byte here = text[at];
            boolean understood = switch (here) {
                case '\'' -> string();
                case '"' -> skipQuotedName();
                case '-' -> next() != '-' && step();
                case '/' -> next() == '*' ? lastComment() : step();
                case '$' -> isDigit(next()) && step();
                case ';' -> isEnd();
                case '\\', 0 -> false;
                default -> isWordPart(here) ? word() : step();
            };
            if (!understood) {
                return false;
            }
        }
        return true;
    }

    private void blot(int start) {
        Arrays.fill(shape, start, at, BLOT);
        blotted = true;
    }

    private boolean step() {
        at++;
        return true;
    }

    private byte next() {
        return at + 1 < text.length ? text[at + 1] : 0;
    }

    private byte before() {
        return at == 0 ? (byte) ' ' : text[at - 1];
    }

    /** A name, a key word or a number; nothing of a number with a fraction or exponent is blotted out. */
    private boolean word() {
        byte previous = before();
        int start = at;
        boolean digits = true;
        while (at < text.length && isWordPart(text[at])) {
            digits &= isDigit(text[at]);
            at++;
        }
        boolean alone = previous != '.' && previous != '$' && (at == text.length || text[at] != '.');
        if (digits && alone && at - start <= MOST_DIGITS) {
            blot(start);
        }
        return digits || !isFloat(start, at);
    }

    /** FLOAT(p) is the one place where the grammar refuses a number for its value. */
    private boolean isFloat(int start, int end) {
        return end - start == "float".length()
                && new String(text, start, end - start, StandardCharsets.ISO_8859_1).equalsIgnoreCase("float");
    }

    private boolean string() {
        switch (before()) {
            case ' ', '\t', '\n', '\r', ',', '(', '=', '<', '>' -> {}
            default -> {
                return false;
            }
        }
        int start = ++at;
        while (at < text.length && text[at] != '\'') {
            if (text[at] < ' ' || text[at] == '\\') {
                // Not ASCII, or a byte with a meaning of its own.
                return false;
            }
            at++;
        }
        if (at == text.length || next() == '\'') {
            return false;
        }
        blot(start);
        return step();
    }

    /** A comment that ends the text, as drivers add it with a number for each request. */
    private boolean lastComment() {
        at += 2;
        int start = at;
        while (next() != 0 && !(text[at] == '*' && next() == '/')) {
            if (text[at] < ' ' || (text[at] == '/' && next() == '*')) {
                return false;
            }
            at++;
        }
        if (next() == 0) {
            return false;
        }
        blot(start);
        at++;
        return isEnd();
    }

    private boolean skipQuotedName() {
        if (before() == '&') {
            return false;
        }
        do {
            at++;
        } while (at < text.length && text[at] != '"' && text[at] != 0);
        return at < text.length && text[at] == '"' && step();
    }

    /** Whether nothing but blanks and semicolons follows. */
    private boolean isEnd() {
        while (++at < text.length) {
            if (!isBlank(text[at]) && text[at] != ';') {
                return false;
            }
        }
        return true;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || (b >= '\t' && b <= '\r');
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    private static boolean isLetter(byte b) {
        return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
    }

    /** Bytes of names; all that are not ASCII are. */
    private static boolean isWordPart(byte b) {
        return isLetter(b) || isDigit(b) || b == '_' || b < 0;
    }
}
