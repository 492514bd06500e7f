package dev.espalier.sql;

import dev.espalier.sql.Quotes.Token;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes secrets out of the text of statements before it is kept: passwords of roles, connection strings, options of servers
 * and user mappings, and whatever looks like a token. Where the grammar reads the text, it says which statements lose all their
 * constants; where it does not, everything from the first quote, or the word for a password, on goes. In doubt too much is taken
 * out.
 */
public final class Redaction {

    /** What stands in place of a secret. */
    public static final String REMOVED = "'[removed]'";

    /** Statements whose constants may all be secrets. */
    private static final Set<String> SECRET_KINDS = Set.of(
            "CreateRoleStmt",
            "AlterRoleStmt",
            "CreateSubscriptionStmt",
            "AlterSubscriptionStmt",
            "CreateUserMappingStmt",
            "AlterUserMappingStmt",
            "CreateForeignServerStmt",
            "AlterForeignServerStmt",
            "CreateFdwStmt",
            "AlterFdwStmt",
            "CreateForeignTableStmt",
            "ImportForeignSchemaStmt");

    /** What may stand between the name of a secret and the secret: =, :=, =>, a comma; the rest of a setting's name, a cast, a call. */
    private static final String BETWEEN = "=:>,.(";

    /**
     * A word for a secret and what is assigned to it, PASSWORD 'x', also within a comment or another constant, where quotes are
     * doubled; a constant that does not end goes to the end of the text.
     */
    private static final Pattern NAMED_CONSTANT = Pattern.compile(
            "((?:password|passwd|secret|token|api_?key|credential)\\w{0,64}+[\"']?\\s*+(?:(?:=>|:=|=|,|:|to\\b)\\s*+)?)"
                    + "(?:'{2,}+[^']+'{2,}|(?:[eE]|[uU]&|[bBnNxX])?'(?:[^'\\\\]|\\\\.|'')*+(?:'|\\\\?$)|\\$(?<tag>\\w*)\\$.*?(?:\\$\\k<tag>\\$|$))",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    /** The same inside a connection string, a URL or a comment: password=x. */
    private static final Pattern NAMED_WORD = Pattern.compile(
            "((?:password|passwd|secret|token|api_?key)[\\w.]{0,64}+(?:\\s*+[=:]\\s*+|\\s++to\\s++))(?![\\s'\\[$])[^\\s'&;,)]+",
            Pattern.CASE_INSENSITIVE);

    /** The password of a URL: postgresql://user:x@host. */
    private static final Pattern URL_PASSWORD = Pattern.compile("(://[^\\s:/@']{0,256}+:)[^\\s@']{1,512}+(?=@)");

    /** JSON web tokens, and Espalier's own secrets. */
    private static final Pattern TOKEN = Pattern.compile("eyJ[\\w-]{8,}+(?:\\.[\\w-]*+)*+|\\besp_\\w+");

    /** The token of an HTTP header. */
    private static final Pattern BEARER = Pattern.compile("(\\bbearer\\s++)[^\\s'\"]++", Pattern.CASE_INSENSITIVE);

    /** Where something may begin that was meant to be secret: at a quote, or behind the words for a password. */
    private static final Pattern TAIL = Pattern.compile(
            "['$\"]|(?<=\\b(?:password|identified\\s{1,8}by)\\b)(?=\\s*+\\S)", Pattern.CASE_INSENSITIVE);

    /** A word that, within a constant, makes all constants of the text suspect: they may be put together. In a name, what it is given. */
    private static final Pattern TELLING_WORD =
            Pattern.compile("password|passwd|secret|token|credential|api_?key", Pattern.CASE_INSENSITIVE);

    /** From the first quote to the last one: what is quoted may have quotes itself. */
    private static final Pattern QUOTED_WORDS = Pattern.compile("\"(?:.*\"|.*+)", Pattern.DOTALL);

    /** In the place of words that quote in another way, as PostgreSQL's messages in other languages than English do. */
    private static final String WORDS_REMOVED = "[removed], because these words may quote a secret";

    private final PostgresGrammar grammar;

    public Redaction(PostgresGrammar grammar) {
        this.grammar = grammar;
    }

    /** @return the text without its secrets; other than that unchanged unless a statement had one */
    public String redact(String text) {
        try {
            return withoutLookalikes(withoutKnownSecrets(text));
        } catch (SqlSyntaxException e) {
            return redactUnparsed(text);
        }
    }

    /** As {@link #redact(String)}, for a text that the grammar does not take. */
    public static String redactUnparsed(String text) {
        return withoutLookalikes(withoutTail(text));
    }

    /**
     * As {@link #redact(String)}, for a text that is read with {@code standard_conforming_strings} off. What is answered says the same with
     * it on.
     */
    public String redactWithEscapes(String text) {
        return redact(Quotes.withMarkedEscapes(text));
    }

    /** As {@link #redact(String)}, for the text of one statement that has been parsed; the grammar is not asked again. */
    public String redact(String text, Statement statement) {
        return withoutLookalikes(SECRET_KINDS.contains(statement.node()) ? withoutConstants(text) : text);
    }

    /**
     * Words about a statement: an error message, which may quote it, or what it claims in a comment. Of a statement that had secrets
     * nothing is kept that is quoted, and nothing of words that may quote in another way than by PostgreSQL's English quotes.
     *
     * @param redacted the statement as {@link #redact} left it
     */
    public static String redactWords(String words, String redacted) {
        if (!redacted.contains("[removed]")) {
            return withoutLookalikes(words);
        }
        String unquoted = QUOTED_WORDS.matcher(words).replaceAll("\"[removed]\"");
        return StandardCharsets.US_ASCII.newEncoder().canEncode(unquoted) ? withoutLookalikes(unquoted) : WORDS_REMOVED;
    }

    /** As {@link #redactWords}, for the value of what a statement claims in a comment under a name. */
    public static String redactClaim(String name, String value, String redacted) {
        return TELLING_WORD.matcher(name).find() ? "[removed]" : redactWords(value, redacted);
    }

    /** As {@link #redact(String)}, for a text of another grammar, whose own constants are no secrets: only what looks like one goes. */
    public static String redactOther(String text) {
        return withoutLookalikes(text);
    }

    /**
     * As {@link #redactOther}, for words to people, whose apostrophes begin no constants. They do where those quote what has any that go.
     *
     * @param quoted what the words may quote, in whole or in part
     */
    public static String redactAnswer(String words, List<String> quoted) {
        boolean quotes =
                quoted.stream().anyMatch(each -> !withoutTellingConstants(each).equals(each));
        return quotes ? withoutLookalikes(words) : withoutTokens(words);
    }

    /**
     * Repetitions are bounded or possessive, and where a constant may begin there is one, so that no text takes more than linear
     * time, or more than a little of the stack.
     */
    private static String withoutLookalikes(String text) {
        return withoutTokens(withoutTellingConstants(text));
    }

    private static String withoutTokens(String text) {
        String result = NAMED_WORD.matcher(text).replaceAll("$1[removed]");
        result = URL_PASSWORD.matcher(result).replaceAll("$1[removed]");
        result = BEARER.matcher(result).replaceAll("$1[removed]");
        return TOKEN.matcher(result).replaceAll("[removed]");
    }

    /** All constants if one of them is telling, and those that are given to a telling name. */
    private static String withoutTellingConstants(String text) {
        if (!TELLING_WORD.matcher(text).find()) {
            return text;
        }
        BitSet secret = new BitSet();
        for (boolean escapes : readings(text)) {
            secret.or(tellingConstants(text, escapes));
        }
        Matcher named = NAMED_CONSTANT.matcher(text);
        while (named.find()) {
            secret.set(named.end(1), named.end());
        }
        return without(secret, text);
    }

    private static BitSet tellingConstants(String text, boolean escapes) {
        BitSet all = new BitSet();
        BitSet given = new BitSet();
        Matcher telling = TELLING_WORD.matcher(text);
        boolean suspect = false;
        boolean named = false;
        Quotes quotes = new Quotes(text, escapes);
        for (Token token = quotes.next(); token != Token.END; token = quotes.next()) {
            boolean tells = token != Token.OTHER
                    && telling.region(quotes.start(), quotes.end()).find();
            switch (token) {
                case CONSTANT -> {
                    all.set(quotes.start(), quotes.end());
                    if (named) {
                        given.set(quotes.start(), quotes.end());
                    }
                    suspect |= tells;
                    named = tells;
                }
                case NAME -> named = tells || (named && leadsOn(text, quotes));
                case COMMENT -> {
                    if (tells) {
                        setQuoted(text, quotes, all);
                        setQuoted(text, quotes, given);
                    }
                }
                default -> named &= BETWEEN.indexOf(text.charAt(quotes.start())) >= 0;
            }
        }
        return suspect ? all : given;
    }

    /** Code that is commented out has its constants, too; there every quote may begin or end one. */
    private static void setQuoted(String text, Quotes comment, BitSet secret) {
        int from = comment.start();
        while (from < comment.end() && text.charAt(from) != '\'' && text.charAt(from) != '$') {
            from++;
        }
        int to = comment.end();
        while (to > from && text.charAt(to - 1) != '\'' && text.charAt(to - 1) != '$') {
            to--;
        }
        secret.set(from, to);
    }

    /** TO, a part of a setting's name, a cast, or a function that is called with the secret. */
    private static boolean leadsOn(String text, Quotes name) {
        boolean isTo = name.end() - name.start() == 2 && text.regionMatches(true, name.start(), "to", 0, 2);
        int next = name.end();
        while (next < text.length() && text.charAt(next) == ' ') {
            next++;
        }
        return isTo
                || text.startsWith(".", name.start() - 1)
                || text.startsWith("::", name.start() - 2)
                || text.startsWith("(", next);
    }

    private static String withoutConstants(String text) {
        BitSet constants = new BitSet();
        for (boolean escapes : readings(text)) {
            Quotes quotes = new Quotes(text, escapes);
            for (Token token = quotes.next(); token != Token.END; token = quotes.next()) {
                if (token == Token.CONSTANT) {
                    constants.set(quotes.start(), quotes.end());
                }
            }
        }
        return without(constants, text);
    }

    /** Whether backslashes in plain strings are escapes is a setting of the session's: a secret in either reading is one. */
    private static boolean[] readings(String text) {
        return text.indexOf('\\') < 0 ? new boolean[] {false} : new boolean[] {false, true};
    }

    private static String without(BitSet secret, String text) {
        if (secret.isEmpty()) {
            return text;
        }
        StringBuilder rest = new StringBuilder();
        int end = 0;
        for (int start = secret.nextSetBit(0); start >= 0; start = secret.nextSetBit(end)) {
            rest.append(text, end, start).append(REMOVED);
            end = secret.nextClearBit(start);
        }
        return rest.append(text, end, text.length()).toString();
    }

    private String withoutKnownSecrets(String text) throws SqlSyntaxException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        List<String> parts = new ArrayList<>();
        int copied = 0;
        for (Statement statement : grammar.parse(utf8)) {
            if (SECRET_KINDS.contains(statement.node())) {
                parts.add(string(utf8, copied, statement.start()));
                parts.add(withoutConstants(string(utf8, statement.start(), statement.end())));
                copied = statement.end();
            }
        }
        parts.add(string(utf8, copied, utf8.length));
        return String.join("", parts);
    }

    private static String string(byte[] utf8, int start, int end) {
        return new String(utf8, start, end - start, StandardCharsets.UTF_8);
    }

    /**
     * Quotes of a text that does not parse may be anything, and so may what it was meant to be: all from the first one goes. Those within
     * the comments before it are none.
     */
    private static String withoutTail(String text) {
        Quotes quotes = new Quotes(text, false);
        Matcher tail = TAIL.matcher(text).useTransparentBounds(true).useAnchoringBounds(false);
        for (Token token = quotes.next(); token != Token.END; token = quotes.next()) {
            if (token != Token.COMMENT
                    && tail.region(quotes.start(), quotes.end()).find()) {
                String rest = text.substring(0, tail.start());
                return tail.group().isEmpty() ? rest + " " + REMOVED : rest + REMOVED;
            }
        }
        return text;
    }
}
