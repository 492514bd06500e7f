package dev.espalier.sql;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Parses long texts once for all who ask for the same one at the same time or soon after each other: who records a statement, and
 * who decides whether it may run. Safe for use by many threads.
 */
final class LongTexts {

    /** Of the texts that were asked for last; one that is longer alone is kept until the next one comes. */
    private static final int MOST_BYTES = 4 << 20;

    private final PostgresGrammar grammar;

    /** The one that was asked for last is the last. */
    private final Map<ByteBuffer, FutureTask<List<Statement>>> recent = new LinkedHashMap<>(16, 0.75f, true);

    private long bytes;

    LongTexts(PostgresGrammar grammar) {
        this.grammar = grammar;
    }

    /** As {@link PostgresGrammar#parse(byte[])}; the caller may use the array for something else afterwards. */
    List<Statement> statements(byte[] utf8) throws SqlSyntaxException {
        byte[] text = utf8.clone();
        FutureTask<List<Statement>> parsing = asked(text);
        // All but the first to call find it run, or running.
        parsing.run();
        try {
            return parsing.get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof SqlSyntaxException syntax && syntax.isOfTheText())) {
                forget(text, parsing);
            }
            throw e.getCause() instanceof SqlSyntaxException syntax
                    ? syntax.again()
                    : new SqlSyntaxException("the text could not be parsed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SqlSyntaxException("the thread was interrupted while it waited for the parser", e);
        }
    }

    private synchronized void forget(byte[] text, FutureTask<List<Statement>> parsing) {
        if (recent.remove(ByteBuffer.wrap(text), parsing)) {
            bytes -= text.length;
        }
    }

    private synchronized FutureTask<List<Statement>> asked(byte[] text) {
        ByteBuffer key = ByteBuffer.wrap(text);
        FutureTask<List<Statement>> known = recent.get(key);
        if (known != null) {
            return known;
        }
        FutureTask<List<Statement>> made = new FutureTask<>(() -> grammar.parse(text));
        recent.put(key, made);
        bytes += text.length;
        Iterator<ByteBuffer> eldest = recent.keySet().iterator();
        while (bytes > MOST_BYTES && recent.size() > 1) {
            bytes -= eldest.next().capacity();
            eldest.remove();
        }
        return made;
    }
}
