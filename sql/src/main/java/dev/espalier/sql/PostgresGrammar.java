package dev.espalier.sql;

import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL 18's own grammar (libpg_query, compiled to bytecode in the build). What PostgreSQL reads as one statement is
 * one statement here; there is no second opinion that could differ from the server's. Safe for use by many threads.
 *
 * <p>A parser holds 34 MB and is made when first needed, which takes some 40 ms (the first 0.5 s). One that stumbles over a
 * text beyond its means (a trap, a stack overflow) is thrown away. No text is parsed for more than five seconds.
 */
public final class PostgresGrammar {

    /** The parser that made a fingerprint; fingerprints of different ones do not compare. */
    public static final String VERSION = "libpg-query 18.1.5";

    /** Texts above this many bytes are refused: parsing takes some 60 times the text's size in memory. */
    public static final int LONGEST_TEXT = 2 << 20;

    /** Texts up to this many bytes are parsed on the caller's thread. */
    private static final int SHORT_TEXT = 2 << 10;

    /** Words and signs of a text for a caller that cannot wait: each takes some 8 µs at most, so that all take some 3 ms. */
    private static final int MOST_TOKENS = 400;

    /** The characters of operators: in a run of them a comment may begin anywhere, and the scanner looks to its end each time. */
    private static final String OPERATORS = "~!@#^&|`?+-*/%<>=";

    private static final int LONGEST_RUN = 64;

    /** The stack for others; memory is taken only as far as it is used. */
    private static final long STACK_BYTES = 64 << 20;

    private static final Duration DEADLINE = Duration.ofSeconds(5);

    private interface Use<T> {
        T of(GrammarInstance parser) throws SqlSyntaxException;
    }

    private final WasmModule module = load();
    private final ConcurrentLinkedDeque<GrammarInstance> idle = new ConcurrentLinkedDeque<>();

    /** For callers that cannot wait; null while one of them uses it, or none has been made in its place. */
    private final AtomicReference<@Nullable GrammarInstance> atHand = new AtomicReference<>();

    private final Semaphore permits;

    /**
     * Makes the first parser and parses once, so that no later caller pays for that.
     *
     * @param parsers how many texts may be parsed at the same time, besides {@link #parseAtOnce}; further callers wait in turn
     */
    public PostgresGrammar(int parsers) {
        permits = new Semaphore(parsers, true);
        try {
            parse("SELECT 1".getBytes(StandardCharsets.UTF_8));
        } catch (SqlSyntaxException e) {
            throw new IllegalStateException("the parser does not work on this machine: " + e.getMessage(), e);
        }
    }

    private static WasmModule load() {
        try (InputStream meta = PostgresGrammar.class.getResourceAsStream("Libpgquery.meta")) {
            if (meta == null) {
                throw new IllegalStateException(
                        "Libpgquery.meta is missing beside the classes of this module; build it with mvn package");
            }
            return Parser.parse(meta);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Splits a text into statements and says what each would do.
     *
     * @param utf8 one text as PostgreSQL would receive it, any number of statements
     * @return the statements in order; none for a text of blanks and comments
     * @throws SqlSyntaxException if PostgreSQL would refuse the text, or it is too deep or too long to tell
     */
    public List<Statement> parse(byte[] utf8) throws SqlSyntaxException {
        check(utf8);
        byte[] tree = use(utf8, parser -> parser.parse(utf8));
        return SyntaxTree.statements(tree, utf8);
    }

    /**
     * As {@link #parse(byte[])}, for a caller that cannot wait.
     *
     * @return null if it would take a while: the text is long, has many parts, is deep or slow to scan, or the parser for such callers is in use
     */
    public @Nullable List<Statement> parseAtOnce(byte[] utf8) throws SqlSyntaxException {
        if (utf8.length > SHORT_TEXT || hasLongRun(utf8) || hasManyTokens(utf8)) {
            return null;
        }
        check(utf8);
        GrammarInstance parser = atHand.getAndSet(null);
        if (parser == null) {
            return null;
        }
        byte[] tree;
        try {
            tree = parser.parse(utf8);
        } catch (SqlSyntaxException e) {
            keep(parser);
            throw e;
        } catch (RuntimeException | StackOverflowError e) {
            // Thrown away. Whoever parses the text on a deep stack makes another one.
            return null;
        }
        keep(parser);
        return SyntaxTree.statements(tree, utf8);
    }

    /** As {@link #parse(byte[])}; offsets in the result count bytes of the text in UTF-8. */
    public List<Statement> parse(String text) throws SqlSyntaxException {
        return parse(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * @return the text with every constant replaced by a parameter ($1, $2 …), as pg_stat_statements shows it
     * @throws SqlSyntaxException as for {@link #parse(byte[])}
     */
    public String normalize(String text) throws SqlSyntaxException {
        return whenValid(text, GrammarInstance::normalize);
    }

    /**
     * @return 16 hexadecimal digits that are the same for statements that differ in constants, spelling, aliases or schemas
     *     only; compare within one {@link #VERSION}
     * @throws SqlSyntaxException as for {@link #parse(byte[])}
     */
    public String fingerprint(String text) throws SqlSyntaxException {
        return whenValid(text, GrammarInstance::fingerprint);
    }

    private interface Rewrite {
        String of(GrammarInstance parser, byte[] text);
    }

    private String whenValid(String text, Rewrite rewrite) throws SqlSyntaxException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        check(utf8);
        return use(utf8, parser -> {
            parser.parse(utf8);
            return rewrite.of(parser, utf8);
        });
    }

    /**
     * Short texts are parsed where they come in. Long ones, and those that a parser stumbled over, get a thread of their own
     * with a deep stack and a deadline, which begins when it is their turn: the scanner needs quadratic time for some texts, as PostgreSQL's own does.
     */
    private <T> T use(byte[] text, Use<T> use) throws SqlSyntaxException {
        if (text.length <= SHORT_TEXT) {
            try {
                return borrow(use);
            } catch (RuntimeException | StackOverflowError e) {
                return onDeepStack(use);
            }
        }
        return onDeepStack(use);
    }

    private <T> T onDeepStack(Use<T> use) throws SqlSyntaxException {
        FutureTask<T> task = new FutureTask<>(() -> withPermit(use));
        Thread thread = new Thread(null, task, "sql-parser", STACK_BYTES);
        thread.setDaemon(true);
        try {
            permits.acquire();
            startWithPermit(thread);
            return task.get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SqlSyntaxException syntax) {
                throw syntax;
            }
            throw new SqlSyntaxException("the text is too deep or too large to parse", e);
        } catch (TimeoutException e) {
            thread.interrupt();
            throw new SqlSyntaxException("parsing the text takes more than " + DEADLINE.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
            throw new SqlSyntaxException("the thread was interrupted while it waited for the parser", e);
        }
    }

    private void startWithPermit(Thread thread) {
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            permits.release();
            throw e;
        }
    }

    private <T> T borrow(Use<T> use) throws SqlSyntaxException {
        permits.acquireUninterruptibly();
        return withPermit(use);
    }

    /** Gives the permit back. */
    private <T> T withPermit(Use<T> use) throws SqlSyntaxException {
        try {
            GrammarInstance parser = idle.pollFirst();
            if (parser == null) {
                parser = new GrammarInstance(module);
            }
            T result;
            try {
                result = use.of(parser);
            } catch (SqlSyntaxException e) {
                keep(parser);
                throw e;
            }
            keep(parser);
            return result;
        } finally {
            permits.release();
        }
    }

    private void keep(GrammarInstance parser) {
        if (parser.isWorthKeeping() && !atHand.compareAndSet(null, parser)) {
            idle.addFirst(parser);
        }
    }

    private static boolean hasLongRun(byte[] text) {
        int run = 0;
        for (byte b : text) {
            run = OPERATORS.indexOf(b) < 0 ? 0 : run + 1;
            if (run > LONGEST_RUN) {
                return true;
            }
        }
        return false;
    }

    /** Within constants and comments, too: in doubt it has. */
    private static boolean hasManyTokens(byte[] text) {
        int tokens = 0;
        boolean inWord = false;
        for (byte b : text) {
            boolean blank = b >= 0 && b <= ' ';
            boolean word = b < 0 || b == '_' || Character.isLetterOrDigit(b);
            if (!blank && !(word && inWord)) {
                tokens++;
            }
            inWord = word;
        }
        return tokens > MOST_TOKENS;
    }

    private static void check(byte[] text) throws SqlSyntaxException {
        if (text.length > LONGEST_TEXT) {
            throw new SqlSyntaxException(
                    SqlSyntaxException.TOO_COMPLEX,
                    "the text has " + text.length + " bytes, and the parser takes at most " + LONGEST_TEXT,
                    -1);
        }
        for (int i = 0; i < text.length; i++) {
            if (text[i] == 0) {
                throw new SqlSyntaxException(SqlSyntaxException.NO_TEXT, "the text has a NUL byte", i);
            }
        }
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer bytes = ByteBuffer.wrap(text);
        CoderResult result = decoder.decode(bytes, CharBuffer.allocate(text.length), true);
        if (result.isError()) {
            throw new SqlSyntaxException(SqlSyntaxException.NO_TEXT, "the text is not valid UTF-8", bytes.position());
        }
    }
}
