package dev.espalier.sql;

/**
 * Walks a text as PostgreSQL's scanner does, as far as quotes and comments go: what is a constant, whatever quotes stand in
 * comments and quoted names before it. Takes any text, in linear time; what does not end goes to the end of the text.
 */
final class Quotes {

    /** What a step has come to. */
    enum Token {
        /** A word, or a quoted name. */
        NAME,
        /** A constant in any of PostgreSQL's quotes, with its prefix, and over several lines where it goes on. */
        CONSTANT,
        /** A comment, with what begins and ends it. */
        COMMENT,
        /** Any other character. */
        OTHER,
        END
    }

    private final String text;

    /** Whether a backslash in a string without a prefix stands for the character behind it: standard_conforming_strings is off. */
    private final boolean escapes;

    private int start;
    private int at;

    Quotes(String text, boolean escapes) {
        this.text = text;
        this.escapes = escapes;
    }

    /**
     * What a text in whose plain strings a backslash is an escape says to a scanner for which it is none: such strings get the prefix E.
     */
    static String withMarkedEscapes(String text) {
        StringBuilder marked = new StringBuilder(text.length() + 16);
        Quotes quotes = new Quotes(text, true);
        int copied = 0;
        for (Token token = quotes.next(); token != Token.END; token = quotes.next()) {
            if (token != Token.CONSTANT
                    || text.substring(quotes.start, quotes.at).indexOf('\\') < 0) {
                continue;
            }
            char first = text.charAt(quotes.start);
            boolean national = first == 'n' || first == 'N';
            if (first != '\'' && !national) {
                continue;
            }
            boolean touches = quotes.start > 0 && isNamePart(text.charAt(quotes.start - 1));
            marked.append(text, copied, quotes.start).append(touches ? " E" : "E");
            copied = national ? quotes.start + 1 : quotes.start;
        }
        return marked.append(text, copied, text.length()).toString();
    }

    /** Where the token begins. */
    int start() {
        return start;
    }

    /** Behind the token. */
    int end() {
        return at;
    }

    /** The next token; blanks are passed over. */
    Token next() {
        while (isBlank(here())) {
            at++;
        }
        start = at;
        char first = here();
        if (isComment()) {
            if (first == '-') {
                skipLine();
            } else {
                skipComment();
            }
            return Token.COMMENT;
        }
        return switch (first) {
            case '\0' -> at == text.length() ? Token.END : other();
            case '\'' -> constant(escapes);
            case '"' -> quotedName();
            case '$' -> dollar();
            default -> isNamePart(first) && !isDigit(first) ? word() : other();
        };
    }

    /** NUL behind the end, which no text has for PostgreSQL. */
    private char at(int index) {
        return index < text.length() ? text.charAt(index) : '\0';
    }

    private char here() {
        return at(at);
    }

    private boolean isComment() {
        return text.startsWith("--", at) || text.startsWith("/*", at);
    }

    private void skipLine() {
        while (at < text.length() && !isLineEnd(here())) {
            at++;
        }
    }

    private void skipComment() {
        int depth = 0;
        do {
            if (text.startsWith("/*", at)) {
                depth++;
                at += 2;
            } else if (text.startsWith("*/", at)) {
                depth--;
                at += 2;
            } else {
                at++;
            }
        } while (depth > 0 && at < text.length());
        at = Math.min(at, text.length());
    }

    private Token other() {
        at++;
        return Token.OTHER;
    }

    private Token word() {
        char first = here();
        while (isNamePart(here())) {
            at++;
        }
        if (at - start > 1) {
            return Token.NAME;
        }
        boolean unicode = (first == 'u' || first == 'U') && here() == '&';
        char quote = unicode ? at(at + 1) : here();
        if (quote == '\'' && (unicode || "eEbBxXnN".indexOf(first) >= 0)) {
            at += unicode ? 1 : 0;
            return constant(escapes || first == 'e' || first == 'E');
        }
        if (quote == '"' && unicode) {
            at++;
            return quotedName();
        }
        return Token.NAME;
    }

    private Token quotedName() {
        skipQuoted('"', false);
        return Token.NAME;
    }

    private Token constant(boolean escaped) {
        skipQuoted('\'', escaped);
        int on = continuation();
        while (on >= 0) {
            at = on;
            skipQuoted('\'', escaped);
            on = continuation();
        }
        return Token.CONSTANT;
    }

    /** From a quote to behind the one that ends it; doubled it stands for itself. */
    private void skipQuoted(char quote, boolean escaped) {
        at++;
        while (at < text.length()) {
            char here = here();
            if (here == '\\' && escaped) {
                at += 2;
            } else if (here != quote) {
                at++;
            } else if (at(at + 1) == quote) {
                at += 2;
            } else {
                at++;
                return;
            }
        }
        at = text.length();
    }

    /** @return the quote with which a string goes on behind a line's end, read as it began; -1 if it does not */
    private int continuation() {
        int back = at;
        boolean newLine = false;
        while (isBlank(here()) || text.startsWith("--", at)) {
            if (isBlank(here())) {
                newLine |= isLineEnd(here());
                at++;
            } else {
                skipLine();
            }
        }
        int quote = newLine && here() == '\'' ? at : -1;
        at = back;
        return quote;
    }

    private Token dollar() {
        int mark = at + 1;
        while (isNamePart(at(mark)) && at(mark) != '$') {
            mark++;
        }
        if (at(mark) != '$' || isDigit(at(at + 1))) {
            return other();
        }
        String tag = text.substring(at, mark + 1);
        int close = text.indexOf(tag, mark + 1);
        at = close < 0 ? text.length() : close + tag.length();
        return Token.CONSTANT;
    }

    private static boolean isBlank(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }

    private static boolean isLineEnd(char c) {
        return c == '\n' || c == '\r';
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isNamePart(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || isDigit(c) || c == '_' || c == '$' || c >= 0x80;
    }
}
