package dev.espalier.sql;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes secrets out of the text of statements before it is kept: passwords of roles, connection strings, options of servers
 * and user mappings, and whatever looks like a token. Where the grammar reads the text, it says which constants to take
 * out; where it does not, everything from the first quote, or the word for a password, on goes. In doubt too much is taken out.
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
            "AlterFdwStmt");

    private static final Pattern PARAMETER = Pattern.compile("\\$\\d+");

    /**
     * A constant in any of PostgreSQL's quotes, also within another constant, where quotes are doubled; one that does not
     * end goes to the end of the text.
     */
    private static final String CONSTANT =
            "(?:'{2,}+[^']+'{2,}|(?:[eE]|[uU]&|[bBnNxX])?'(?:[^'\\\\]|\\\\.|'')*+(?:'|\\\\?$)|\\$(?<tag>\\w*)\\$.*?(?:\\$\\k<tag>\\$|$))";

    private static final Pattern ANY_CONSTANT = Pattern.compile(CONSTANT, Pattern.DOTALL);

    /** A word for a secret and what is assigned to it: PASSWORD 'x', app.api_token = 'x', set_config('my.secret', 'x'). */
    private static final Pattern NAMED_CONSTANT = Pattern.compile(
            "((?:password|passwd|secret|token|api_?key|credential)\\w{0,64}+[\"']?\\s*+(?:(?:=>|:=|=|,|:|to\\b)\\s*+)?)"
                    + CONSTANT,
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    /** The same inside a connection string, a URL or a comment: password=x. */
    private static final Pattern NAMED_WORD = Pattern.compile(
            "((?:password|passwd|secret|token|api_?key)\\w{0,64}+\\s*+[=:]\\s*+)(?![\\s'\\[$])[^\\s'&;,)]+",
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

    /** A word that, within a constant, makes all constants of the statement suspect: they may be put together. */
    private static final Pattern TELLING_WORD =
            Pattern.compile("password|passwd|secret|token|credential", Pattern.CASE_INSENSITIVE);

    /** The same in the name of what a comment claims, where a key stands for one, too. */
    private static final Pattern TELLING_NAME =
            Pattern.compile(TELLING_WORD.pattern() + "|api_?key", Pattern.CASE_INSENSITIVE);

    private static final Pattern QUOTED_WORDS = Pattern.compile("\"[^\"]*+(?:\"|$)");

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

    /** As {@link #redact(String)}, for the text of one statement that has been parsed. */
    public String redact(String text, Statement statement) {
        return asksGrammar(statement) ? redact(text) : withoutLookalikes(text);
    }

    /** @return whether to redact the statement takes the grammar once more, and the time of that */
    public boolean asksGrammar(Statement statement) {
        return SECRET_KINDS.contains(statement.node());
    }

    /**
     * Words about a statement: an error message, which may quote it, or what it claims in a comment.
     *
     * @param redacted the statement as {@link #redact} left it
     */
    public static String redactWords(String words, String redacted) {
        boolean hadSecrets = redacted.contains("[removed]");
        return withoutLookalikes(hadSecrets ? QUOTED_WORDS.matcher(words).replaceAll("\"[removed]\"") : words);
    }

    /** As {@link #redactWords}, for the value of what a statement claims in a comment under a name. */
    public static String redactClaim(String name, String value, String redacted) {
        return TELLING_NAME.matcher(name).find() ? "[removed]" : redactWords(value, redacted);
    }

    /** As {@link #redact(String)}, for a text of another grammar, whose own constants are no secrets: only what looks like one goes. */
    public static String redactOther(String text) {
        return withoutLookalikes(text);
    }

    /**
     * Repetitions are bounded or possessive, and where a constant may begin there is one, so that no text takes more than linear
     * time, or more than a little of the stack.
     */
    private static String withoutLookalikes(String text) {
        String known = hasTellingConstant(text)
                ? ANY_CONSTANT.matcher(text).replaceAll(Matcher.quoteReplacement(REMOVED))
                : text;
        String result = NAMED_CONSTANT.matcher(known).replaceAll("$1" + Matcher.quoteReplacement(REMOVED));
        result = NAMED_WORD.matcher(result).replaceAll("$1[removed]");
        result = URL_PASSWORD.matcher(result).replaceAll("$1[removed]");
        result = BEARER.matcher(result).replaceAll("$1[removed]");
        return TOKEN.matcher(result).replaceAll("[removed]");
    }

    private static boolean hasTellingConstant(String text) {
        return TELLING_WORD.matcher(text).find()
                && ANY_CONSTANT
                        .matcher(text)
                        .results()
                        .anyMatch(constant ->
                                TELLING_WORD.matcher(constant.group()).find());
    }

    private String withoutKnownSecrets(String text) throws SqlSyntaxException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        List<String> parts = new ArrayList<>();
        int copied = 0;
        for (Statement statement : grammar.parse(utf8)) {
            if (SECRET_KINDS.contains(statement.node())) {
                parts.add(string(utf8, copied, statement.start()));
                String normal = grammar.normalize(string(utf8, statement.start(), statement.end()));
                // Options of servers stay as they are in a normalized text.
                String bare = ANY_CONSTANT.matcher(normal).replaceAll(Matcher.quoteReplacement(REMOVED));
                parts.add(PARAMETER.matcher(bare).replaceAll(Matcher.quoteReplacement(REMOVED)));
                copied = statement.end();
            }
        }
        parts.add(string(utf8, copied, utf8.length));
        return String.join("", parts);
    }

    private static String string(byte[] utf8, int start, int end) {
        return new String(utf8, start, end - start, StandardCharsets.UTF_8);
    }

    /** Quotes of a text that does not parse may be anything, and so may what it was meant to be: all from the first one goes. */
    private static String withoutTail(String text) {
        Matcher tail = TAIL.matcher(text);
        if (!tail.find()) {
            return text;
        }
        String rest = text.substring(0, tail.start());
        return tail.group().isEmpty() ? rest + " " + REMOVED : rest + REMOVED;
    }
}
