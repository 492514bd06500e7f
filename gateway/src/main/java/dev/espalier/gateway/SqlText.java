package dev.espalier.gateway;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A text that a client sent to be parsed. */
final class SqlText {

    /** Characters of a text that a record shows beside what tells the whole one; what is read of a text has no more. */
    static final int LONGEST = 1 << 20;

    /** Characters of a statement that are kept of it when there is no room for more. */
    private static final int BEGINNING = 1024;

    /** What stands in a redacted text in the place of what is missing. */
    private static final String CUT = "[removed]";

    /** What tells that the quotes of a text that the grammar could not read had a secret in them. */
    private static final Pattern TELLING = Pattern.compile(
            "password|passwd|secret|token|credential|api_?key"
                    + "|\\b(?:create|alter|import)\\s++(?:role|user|group|subscription|server|foreign)\\b",
            Pattern.CASE_INSENSITIVE);

    private final Map<String, String> claims;
    private boolean truncated;

    /** In order. Replaced on the loop when the text is taken apart, and when it is known how the server has read it. */
    private List<StatementInfo> statements;

    /** How the server reads it is not known yet. */
    private boolean open;

    private boolean shortened;

    /** As a server reads it that takes backslashes in plain strings for escapes; empty where that is of no interest. */
    private String withEscapes = "";

    /** What tells the whole text: its length and its digest. Empty where the records have the whole text, as far as is known. */
    private String evidence = "";

    /** What is missing is a secret: length and digest of the whole would let it be guessed. */
    private boolean secret;

    /** The server gets another statement for it. */
    private boolean replaced;

    /** For {@link KeptTexts}: how many have it, and what it counts there. */
    int holders;

    int counted;

    /**
     * @param claims see {@link SqlComments}
     * @param truncated whether only the beginning was read
     * @param open whether {@link #isReadBy} will tell how the server reads it
     */
    private SqlText(List<StatementInfo> statements, Map<String, String> claims, boolean truncated, boolean open) {
        this.statements = statements;
        this.claims = claims;
        this.truncated = truncated;
        this.open = open;
    }

    /** What stands in a record for a text that the gateway did not see. */
    static SqlText unseen(String type, String what) {
        return new SqlText(List.of(unparsed(type, what)), Map.of(), false, false);
    }

    /** A text that is taken apart elsewhere; until {@link #known} nothing is recorded of it but its length. */
    static SqlText pending(int bytes, Map<String, String> claims, boolean truncated, boolean open) {
        return new SqlText(List.of(unparsed("OTHER", "a text of " + bytes + " bytes")), claims, truncated, open);
    }

    /**
     * What stands in a record for a statement that completed as another one than was asked for.
     *
     * @param what it is
     * @param known what the gateway takes to have been asked for
     */
    static SqlText inThePlaceOf(StatementInfo known, String what) {
        return unseen("OTHER", what + ", in the place of: " + known.redactedText());
    }

    /** What stands in a record for a text of which not even the secrets could be taken out; one that may have any is not told. */
    static List<StatementInfo> beyondReading(byte[] sql) {
        boolean tells =
                TELLING.matcher(new String(sql, StandardCharsets.ISO_8859_1)).find();
        return List.of(unparsed(
                "OTHER",
                "a text of " + sql.length + " bytes"
                        + (tells ? " that may have a password: " + CUT : ", SHA-256: " + digest(sql))));
    }

    /** What tells a text of which a record shows a part. */
    static String evidence(byte[] sql) {
        return "the whole text has " + sql.length + " bytes, SHA-256: " + digest(sql);
    }

    private static StatementInfo unparsed(String type, String what) {
        return new StatementInfo(0, 0, type, what, false, true, Optional.empty());
    }

    /** What the text turned out to be. Of one that was not read to its end nobody knows what the server sees. */
    void known(List<StatementInfo> seen) {
        secret |= seen.stream().anyMatch(SqlText::lostASecret);
        statements = truncated ? uncertain(seen) : seen;
    }

    /** From one that the grammar could not read all behind the first quote is gone, whatever it was. */
    private static boolean lostASecret(StatementInfo statement) {
        String text = statement.redactedText();
        return text.contains(CUT)
                && (statement.parsed() || TELLING.matcher(text).find());
    }

    /** What it is to a server that reads it otherwise. Before {@link #isReadBy}. */
    void isWithEscapes(String text) {
        withEscapes = text;
        secret |= text.contains(CUT);
    }

    /** What stands in the records in which the text is not whole. */
    void isToldBy(String what) {
        evidence = what;
    }

    /**
     * The server answers to it; only the first time counts.
     *
     * @param reading as the server has told
     * @param certain whether nothing has run since that may change it
     */
    void isReadBy(TextReading reading, boolean certain) {
        if (open && !(certain && reading.isTheGrammars())) {
            String plain = joined(statements);
            boolean same = withEscapes.isEmpty() || withEscapes.equals(plain);
            boolean escapes = certain && reading.isTheGrammarsWithEscapes();
            String read = same ? plain : escapes ? withEscapes : plain + " -- or with other quotes: " + withEscapes;
            statements = List.of(unparsed("OTHER", read));
            truncated |= read.length() > LONGEST;
        }
        open = false;
        withEscapes = "";
    }

    private static List<StatementInfo> uncertain(List<StatementInfo> seen) {
        return List.of(unparsed("OTHER", joined(seen)));
    }

    /**
     * What a record shows of a statement of the text. Of one that the grammar could not read, and of which something is missing, also what
     * tells the whole text, unless a secret is missing, or the server has refused it: nothing ran then, and what was mistyped may be a
     * password.
     */
    String shown(StatementInfo statement, boolean refused) {
        String text = statement.redactedText();
        boolean tells = !evidence.isEmpty()
                && !secret
                && !statement.parsed()
                && (truncated || (!refused && text.contains(CUT)));
        return tells ? cut(text, LONGEST) + "… (" + evidence + ")" : text;
    }

    private static String joined(List<StatementInfo> statements) {
        return statements.stream().map(StatementInfo::redactedText).collect(Collectors.joining("; "));
    }

    /** The server gets another statement for it, and not the same one by other names. */
    void isReplaced() {
        replaced = true;
    }

    /** Whether a completion may be that of a statement of it. */
    boolean mayCompleteAs(String tag, StatementInfo statement) {
        return replaced || !statement.parsed() || CommandTag.goesWith(tag, statement.type());
    }

    /** Whether it surely changes nothing about how the server reads what comes behind it: it begins a transaction, or a part of one. */
    boolean leavesReadingAsItIs() {
        return !open
                && (statements.isEmpty()
                        || (statements.size() == 1
                                && marks(statements.getFirst().type())));
    }

    private static boolean marks(String type) {
        return switch (type) {
            case "BEGIN", "SAVEPOINT", "RELEASE" -> true;
            default -> false;
        };
    }

    Map<String, String> claims() {
        return claims;
    }

    boolean truncated() {
        return truncated;
    }

    /**
     * The statement that the n-th completion is for. A text that could not be taken apart is one statement here and may
     * be several to PostgreSQL.
     */
    StatementInfo statement(int index) {
        return statements.isEmpty()
                ? new StatementInfo(0, 0, "EMPTY", "", true, false, Optional.empty())
                : statements.get(Math.min(index, statements.size() - 1));
    }

    /** How many statements may run behind so many completions: of a text that could not be taken apart always one more. */
    int left(int completed) {
        int left = statements.size() - completed;
        boolean certain = statements.stream().allMatch(StatementInfo::parsed);
        return certain ? left : Math.max(1, left);
    }

    /** The same with one statement of it. */
    SqlText only(StatementInfo statement) {
        SqlText one = new SqlText(List.of(statement), claims, truncated, false);
        one.evidence = evidence;
        one.secret = secret;
        return one;
    }

    /** The same of a text that was prepared and never run, so that it has changed nothing. */
    SqlText neverRun() {
        return only(statement(0).changingNothing());
    }

    /** The same for several portals that have it. */
    SqlText and(int more) {
        StatementInfo statement = statement(0);
        return more == 0
                ? this
                : only(statement.shownAs(statement.redactedText() + "… (and " + more + " more portals of it)"));
    }

    /** The same with all statements behind so many completions as one. */
    SqlText rest(int completed) {
        List<StatementInfo> rest = statements.subList(Math.min(completed, statements.size() - 1), statements.size());
        String text = rest.size() + " statements: " + joined(rest);
        SqlText one = only(unparsed("OTHER", shortened(text, LONGEST)));
        one.truncated |= text.length() > LONGEST;
        return one;
    }

    /** Whether {@link #shorten} makes it shorter. */
    boolean isLong() {
        return !shortened
                && (statements.size() > 1
                        || (statements.size() == 1
                                && statements.getFirst().redactedText().length() > BEGINNING));
    }

    /** Keeps of a text that was sent to be prepared the beginning, and what tells the whole one. The server takes no second statement. */
    void shorten() {
        StatementInfo whole = statements.getFirst();
        statements = List.of(whole.shownAs(shortened(whole.redactedText(), BEGINNING)));
        truncated = true;
        shortened = true;
    }

    private static String shortened(String text, int most) {
        return text.length() <= most
                ? text
                : cut(text, most) + "… (the first of " + text.length() + " characters, SHA-256 of all in UTF-8: "
                        + digest(text.getBytes(StandardCharsets.UTF_8)) + ")";
    }

    /** @param most characters, and one less where the last would be half of one to the reader */
    private static String cut(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        return text.substring(0, Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most);
    }

    private static String digest(byte[] text) {
        return HexFormat.of().formatHex(sha256().digest(text));
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** What is kept for records, in characters. */
    int size() {
        int size = KeptTexts.ENTRY;
        for (StatementInfo statement : statements) {
            size += KeptTexts.ENTRY + statement.redactedText().length();
        }
        for (Map.Entry<String, String> claim : claims.entrySet()) {
            size += KeptTexts.ENTRY + claim.getKey().length() + claim.getValue().length();
        }
        return size;
    }
}
