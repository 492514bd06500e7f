package dev.espalier.governance.statement;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The words, names, strings and signs of one statement, read one after the other. Comments and a semicolon at the end are left out. */
final class Words {

    private enum Kind {
        WORD,
        /** In backticks or double quotes: never a key word. */
        NAME,
        STRING,
        SIGN,
        END
    }

    /** @param start and {@code end} in the text, from 0 */
    private record Word(Kind kind, String text, int start, int end) {}

    private final String text;
    private final List<Word> words = new ArrayList<>();
    private int next;

    Words(String text) {
        this.text = text;
        int at = 0;
        while (at < text.length()) {
            at = read(at);
        }
        while (!words.isEmpty() && isSign(words.getLast(), ";")) {
            words.removeLast();
        }
        words.add(new Word(Kind.END, "", text.length(), text.length()));
    }

    /**
     * The end of a text.
     *
     * @param name the identifier that it ends with; empty if it ends with anything else
     * @param before what stands in front of the identifier, without blanks at its end
     */
    record Last(Optional<String> name, String before) {}

    static Last last(String text) {
        Words all = new Words(text);
        all.next = Math.max(all.words.size() - 2, 0);
        Word word = all.peek();
        return all.isNameAhead()
                ? new Last(
                        Optional.of(all.identifier("a name")),
                        text.substring(0, word.start()).stripTrailing())
                : new Last(Optional.empty(), text);
    }

    /** Where the first word begins, behind blanks and comments. */
    static int begin(String text) {
        int at = 0;
        int behind = behindBlank(text, 0);
        while (behind > at) {
            at = behind;
            behind = behindBlank(text, at);
        }
        return at;
    }

    /** Behind the blank or the comment that begins here; here, if none does, or it never ends. */
    private static int behindBlank(String text, int at) {
        if (at == text.length()) {
            return at;
        }
        if (Character.isWhitespace(text.charAt(at))) {
            return at + 1;
        }
        if (text.startsWith("--", at)) {
            int end = text.indexOf('\n', at);
            return end < 0 ? text.length() : end;
        }
        int end = text.startsWith("/*", at) ? text.indexOf("*/", at + 2) : -1;
        return end < 0 ? at : end + 2;
    }

    private int read(int at) {
        char c = text.charAt(at);
        int behind = behindBlank(text, at);
        if (behind > at) {
            return behind;
        }
        if (text.startsWith("/*", at)) {
            throw refused("a comment begins at character " + (at + 1) + " and never ends. Close it with */.");
        }
        if (c == '`' || c == '"' || c == '\'') {
            return quoted(at, c);
        }
        int end = at;
        while (end < text.length() && (Character.isLetterOrDigit(text.charAt(end)) || text.charAt(end) == '_')) {
            end++;
        }
        if (end > at) {
            words.add(new Word(Kind.WORD, text.substring(at, end), at, end));
            return end;
        }
        words.add(new Word(Kind.SIGN, String.valueOf(c), at, at + 1));
        return at + 1;
    }

    /** A quote inside is written twice. */
    private int quoted(int start, char quote) {
        StringBuilder value = new StringBuilder();
        int at = start + 1;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c != quote) {
                value.append(c);
                at++;
            } else if (at + 1 < text.length() && text.charAt(at + 1) == quote) {
                value.append(quote);
                at += 2;
            } else {
                words.add(new Word(quote == '\'' ? Kind.STRING : Kind.NAME, value.toString(), start, at + 1));
                return at + 1;
            }
        }
        throw refused("what begins with " + quote + " at character " + (start + 1) + " never ends. Close it.");
    }

    /** Whether the next words are these; nothing is read. */
    boolean ahead(String... wanted) {
        for (int i = 0; i < wanted.length; i++) {
            if (next + i >= words.size() || !isWord(words.get(next + i), wanted[i])) {
                return false;
            }
        }
        return true;
    }

    /** Reads the words if they are next. */
    boolean skip(String... wanted) {
        if (!ahead(wanted)) {
            return false;
        }
        next += wanted.length;
        return true;
    }

    void expect(String... wanted) {
        if (!skip(wanted)) {
            throw wrong(String.join(" ", wanted));
        }
    }

    /** Where the next word is, to go {@link #back} to. */
    int place() {
        return next;
    }

    void back(int place) {
        next = place;
    }

    /** Whether a name with so many parts is next. */
    boolean qualifiedNameAhead(int parts) {
        int place = next;
        try {
            return isNameAhead() && qualifiedName("a name").size() == parts;
        } finally {
            next = place;
        }
    }

    private boolean isNameAhead() {
        return peek().kind() == Kind.WORD || peek().kind() == Kind.NAME;
    }

    boolean skipSign(String sign) {
        if (!isSign(peek(), sign)) {
            return false;
        }
        next++;
        return true;
    }

    void expectSign(String sign) {
        if (!skipSign(sign)) {
            throw wrong(sign);
        }
    }

    boolean atEnd() {
        return peek().kind() == Kind.END;
    }

    void expectEnd() {
        if (!atEnd()) {
            throw wrong("the end of the statement");
        }
    }

    /** A name as it is written, quoted or not. */
    String name(String what) {
        if (!isNameAhead()) {
            throw wrong(what);
        }
        return words.get(next++).text();
    }

    /** A name as the thing is known by it: without a quote around it, in small letters. */
    String identifier(String what) {
        boolean unquoted = peek().kind() == Kind.WORD;
        String name = name(what);
        return unquoted ? folded(name) : name;
    }

    /** As PostgreSQL folds names: only the letters of ASCII. */
    private static String folded(String name) {
        StringBuilder folded = new StringBuilder(name);
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            folded.setCharAt(i, c >= 'A' && c <= 'Z' ? (char) (c - 'A' + 'a') : c);
        }
        return folded.toString();
    }

    /** A name, or a string that holds one. */
    String nameOrString(String what) {
        return peek().kind() == Kind.STRING ? string(what) : name(what);
    }

    String string(String what) {
        if (peek().kind() != Kind.STRING) {
            throw wrong(what);
        }
        return words.get(next++).text();
    }

    /** A number, with a sign and a fraction or without, as it is written; empty if none is next. */
    Optional<String> number() {
        int place = next;
        StringBuilder number = new StringBuilder(skipSign("-") ? "-" : "");
        if (isDigits(peek())) {
            number.append(words.get(next++).text());
            if (isSign(peek(), ".") && isDigits(words.get(next + 1))) {
                next++;
                number.append('.').append(words.get(next++).text());
            }
            return Optional.of(number.toString());
        }
        next = place;
        return Optional.empty();
    }

    private static boolean isDigits(Word word) {
        return word.kind() == Kind.WORD && word.text().chars().allMatch(c -> c >= '0' && c <= '9');
    }

    boolean stringAhead() {
        return peek().kind() == Kind.STRING;
    }

    /** Identifiers with dots between them. */
    List<String> qualifiedName(String what) {
        List<String> parts = new ArrayList<>();
        do {
            parts.add(identifier(what));
        } while (skipSign("."));
        return parts;
    }

    /** Everything up to one of these words or signs that stands outside of parentheses, as it is written; empty for nothing. */
    Optional<String> textUpTo(List<String> ends) {
        int start = peek().start();
        int end = start;
        int depth = 0;
        while (!atEnd()) {
            Word word = peek();
            if (depth == 0 && ends.stream().anyMatch(each -> isWord(word, each) || isSign(word, each))) {
                break;
            }
            depth += isSign(word, "(") ? 1 : isSign(word, ")") ? -1 : 0;
            end = word.end();
            next++;
        }
        return end == start ? Optional.empty() : Optional.of(text.substring(start, end));
    }

    private Word peek() {
        return words.get(next);
    }

    private static boolean isWord(Word word, String wanted) {
        return word.kind() == Kind.WORD && word.text().equalsIgnoreCase(wanted);
    }

    private static boolean isSign(Word word, String sign) {
        return word.kind() == Kind.SIGN && word.text().equals(sign);
    }

    /** What stands here is not what belongs here. */
    ControlException wrong(String expected) {
        Word word = peek();
        return refused("the statement cannot be read at character " + (word.start() + 1) + ": there is "
                + (word.kind() == Kind.END ? "its end" : "\"" + word.text() + "\"") + ", and " + expected
                + " belongs there.");
    }

    static ControlException refused(String why) {
        return new ControlException(Code.INVALID_PARAMETER_VALUE, why);
    }
}
