package dev.espalier.sql;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what texts mean, so that each distinct one is parsed once, whatever its plain constants (see {@link Shape}). Safe
 * for use by many threads; a hit takes no lock.
 *
 * <p>Two generations keep it bounded: new texts go to the young one; when that is full it becomes the old one, and what was
 * old and not asked for since is forgotten.
 */
public final class StatementCache {

    /** Longer texts are rarely sent twice, and would push out many short ones: see {@link LongTexts}. */
    private static final int LONGEST_TO_KEEP = 16 << 10;

    /** Of the texts in one generation; what is made of a text takes a few times as much. */
    private static final long MOST_BYTES = 16 << 20;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long MIX = 0x9e3779b97f4a7c15L;

    /** A text's meaning, or why it has none. */
    private record Meaning(
            List<Statement> statements, @Nullable SqlSyntaxException refusal) {}

    private static final class Key {
        private final byte[] text;
        private final long hash;

        Key(byte[] text, long hash) {
            this.text = text;
            this.hash = hash;
        }

        @Override
        public int hashCode() {
            return Long.hashCode(hash);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key key && key.hash == hash && Arrays.equals(key.text, text);
        }
    }

    /** @param youngBytes of the texts in the young one */
    private record Generations(
            ConcurrentHashMap<Key, Meaning> young, ConcurrentHashMap<Key, Meaning> old, LongAdder youngBytes) {

        static Generations after(ConcurrentHashMap<Key, Meaning> old) {
            return new Generations(new ConcurrentHashMap<>(), old, new LongAdder());
        }
    }

    private final LongTexts longTexts;
    private final Reader inTime;
    private final Reader atOnce;
    private final int generationSize;
    /** Differs from cache to cache, so that nobody can prepare texts that collide. */
    private final long seed = ThreadLocalRandom.current().nextLong();

    private volatile Generations generations = Generations.after(new ConcurrentHashMap<>());

    /** @param size how many texts to remember at most, of up to 16 KB each */
    public StatementCache(PostgresGrammar grammar, int size) {
        longTexts = new LongTexts(grammar);
        inTime = grammar::parse;
        atOnce = grammar::parseAtOnce;
        generationSize = Math.max(1, size / 2);
    }

    /**
     * @param utf8 as for {@link PostgresGrammar#parse(byte[])}; the caller may use the array for something else afterwards
     * @return the same; the very same list for texts that differ in plain constants only
     * @throws SqlSyntaxException the same; refusals are remembered too where the text alone is the reason
     */
    public List<Statement> statements(byte[] utf8) throws SqlSyntaxException {
        if (utf8.length > LONGEST_TO_KEEP) {
            return longTexts.statements(utf8);
        }
        return Objects.requireNonNull(statements(utf8, inTime));
    }

    /**
     * As {@link #statements}, for a caller that cannot wait.
     *
     * @return null if it would take a while, see {@link PostgresGrammar#parseAtOnce}
     */
    public @Nullable List<Statement> atOnce(byte[] utf8) throws SqlSyntaxException {
        return utf8.length > LONGEST_TO_KEEP ? null : statements(utf8, atOnce);
    }

    private interface Reader {
        @Nullable
        List<Statement> read(byte[] utf8) throws SqlSyntaxException;
    }

    private @Nullable List<Statement> statements(byte[] utf8, Reader reader) throws SqlSyntaxException {
        Optional<byte[]> shape = Shape.of(utf8);
        Meaning meaning = shape.isEmpty() ? null : remembered(shape.get());
        if (meaning == null) {
            meaning = remembered(utf8);
        }
        if (meaning == null) {
            meaning = read(utf8, reader);
            if (meaning == null) {
                return null;
            }
            if (meaning.refusal != null && !meaning.refusal.isOfTheText()) {
                throw meaning.refusal;
            }
            // A refusal tells of this very text.
            remember(meaning.refusal == null ? shape.orElseGet(utf8::clone) : utf8.clone(), meaning);
        }
        if (meaning.refusal != null) {
            throw meaning.refusal.again();
        }
        return meaning.statements;
    }

    /** @return how many texts are remembered */
    public int size() {
        Generations now = generations;
        return now.young.size() + now.old.size();
    }

    private static @Nullable Meaning read(byte[] utf8, Reader reader) {
        try {
            List<Statement> statements = reader.read(utf8);
            return statements == null ? null : new Meaning(statements, null);
        } catch (SqlSyntaxException e) {
            return new Meaning(List.of(), e);
        }
    }

    private @Nullable Meaning remembered(byte[] text) {
        Key key = new Key(text, hash(text));
        Generations now = generations;
        Meaning meaning = now.young.get(key);
        if (meaning == null) {
            meaning = now.old.get(key);
            if (meaning != null) {
                remember(text.clone(), meaning);
            }
        }
        return meaning;
    }

    /** @param text not changed any more */
    private void remember(byte[] text, Meaning meaning) {
        Generations now = generations;
        if (now.young.put(new Key(text, hash(text)), meaning) == null) {
            now.youngBytes.add(text.length);
        }
        if (isFull(now)) {
            turn();
        }
    }

    private synchronized void turn() {
        if (isFull(generations)) {
            generations = Generations.after(generations.young);
        }
    }

    private boolean isFull(Generations now) {
        return now.young.size() > generationSize || now.youngBytes.sum() > MOST_BYTES;
    }

    private long hash(byte[] text) {
        long hash = seed ^ text.length;
        int at = 0;
        for (; at <= text.length - Long.BYTES; at += Long.BYTES) {
            hash = mix(hash ^ (long) LONG.get(text, at));
        }
        for (; at < text.length; at++) {
            hash = mix(hash ^ text[at]);
        }
        return hash;
    }

    private static long mix(long value) {
        long product = value * MIX;
        return product ^ Math.unsignedMultiplyHigh(value, MIX);
    }
}
