package dev.espalier.control.metastore;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Reads conditions on tags: {@code has_tag('k')}, {@code has_tag_value('k', 'v')} (also {@code hasTag} and
 * {@code hasTagValue}), {@code TRUE}, {@code NOT}, {@code AND}, {@code OR} and parentheses, in the order of SQL.
 */
public final class ConditionParser {

    private static final int LONGEST = 4096;
    private static final int DEEPEST = 64;
    private static final String EXPECTED = "has_tag('key'), has_tag_value('key', 'value'), TRUE, NOT or (";

    private enum Kind {
        WORD,
        TEXT,
        SIGN,
        END
    }

    /** @param at position of its first character, counted from 1 */
    private record Token(Kind kind, String text, int at) {
        boolean is(String word) {
            return kind == Kind.WORD && text.equalsIgnoreCase(word);
        }

        boolean isSign(char sign) {
            return kind == Kind.SIGN && text.charAt(0) == sign;
        }

        String shown() {
            return kind == Kind.END ? "the end" : "\"" + text + "\"";
        }
    }

    private final String text;
    private final List<Token> tokens;
    private int next;
    private int depth;

    private ConditionParser(String text) {
        this.text = text;
        this.tokens = tokens(text);
    }

    /** @throws ControlException with the place and what belongs there */
    public static Condition parse(String text) {
        if (text.length() > LONGEST) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "a condition has " + text.length() + " characters, and may have " + LONGEST
                            + ". Define several policies.");
        }
        ConditionParser parser = new ConditionParser(text);
        Condition condition = parser.or();
        if (parser.peek().kind() != Kind.END) {
            throw parser.wrong("AND, OR or the end");
        }
        return condition;
    }

    private Condition or() {
        Condition left = and();
        while (peek().is("OR")) {
            next++;
            left = new Condition.Or(left, and());
        }
        return left;
    }

    private Condition and() {
        Condition left = not();
        while (peek().is("AND")) {
            next++;
            left = new Condition.And(left, not());
        }
        return left;
    }

    private Condition not() {
        if (++depth > DEEPEST) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "the condition " + text + " is nested more than " + DEEPEST + " deep. Write it flatter.");
        }
        try {
            if (peek().is("NOT")) {
                next++;
                return new Condition.Not(not());
            }
            return primary();
        } finally {
            depth--;
        }
    }

    private Condition primary() {
        Token token = peek();
        if (token.isSign('(')) {
            next++;
            Condition inside = or();
            sign(')');
            return inside;
        }
        if (token.kind() != Kind.WORD) {
            throw wrong(EXPECTED);
        }
        next++;
        return switch (token.text().toLowerCase(Locale.ROOT)) {
            case "true" -> new Condition.Always();
            case "has_tag", "hastag" -> {
                sign('(');
                String key = string("the tag's key in single quotes");
                sign(')');
                yield new Condition.HasTag(key);
            }
            case "has_tag_value", "hastagvalue" -> {
                sign('(');
                String key = string("the tag's key in single quotes");
                sign(',');
                String value = string("the tag's value in single quotes");
                sign(')');
                yield new Condition.HasTagValue(key, value);
            }
            default -> {
                next--;
                throw wrong(EXPECTED);
            }
        };
    }

    private void sign(char sign) {
        if (!peek().isSign(sign)) {
            throw wrong(String.valueOf(sign));
        }
        next++;
    }

    private String string(String what) {
        if (peek().kind() != Kind.TEXT) {
            throw wrong(what);
        }
        return tokens.get(next++).text();
    }

    private Token peek() {
        return tokens.get(next);
    }

    private ControlException wrong(String expected) {
        Token token = peek();
        return new ControlException(
                Code.INVALID_PARAMETER_VALUE,
                "the condition " + text + " cannot be read at character " + token.at() + ": there is " + token.shown()
                        + ", and " + expected + " belongs there.");
    }

    private static List<Token> tokens(String text) {
        List<Token> tokens = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            int begin = at;
            if (Character.isWhitespace(c)) {
                at++;
            } else if (Character.isLetter(c)) {
                while (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_')) {
                    at++;
                }
                tokens.add(new Token(Kind.WORD, text.substring(begin, at), begin + 1));
            } else if (c == '\'') {
                StringBuilder value = new StringBuilder();
                at = afterString(text, begin, value);
                tokens.add(new Token(Kind.TEXT, value.toString(), begin + 1));
            } else {
                at++;
                tokens.add(new Token(Kind.SIGN, String.valueOf(c), begin + 1));
            }
        }
        tokens.add(new Token(Kind.END, "", text.length() + 1));
        return tokens;
    }

    /** A quote in it is written twice. */
    private static int afterString(String text, int begin, StringBuilder value) {
        int at = begin + 1;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '\'' && at + 1 < text.length() && text.charAt(at + 1) == '\'') {
                value.append('\'');
                at += 2;
            } else if (c == '\'') {
                return at + 1;
            } else {
                value.append(c);
                at++;
            }
        }
        throw new ControlException(
                Code.INVALID_PARAMETER_VALUE,
                "the condition " + text + " has a text that begins at character " + (begin + 1)
                        + " and never ends. Close it with a single quote.");
    }
}
