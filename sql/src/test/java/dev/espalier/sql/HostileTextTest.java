package dev.espalier.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a client sends, the answer is statements or an error in bounded time, and the parser works afterwards. */
@Timeout(60)
class HostileTextTest {

    /** The parser's own deadline, and what a loaded machine adds to it. */
    private static final Duration LONGEST = Duration.ofSeconds(20);

    /** Bytes of a stack on which a parser cannot go deep. */
    private static final long SHALLOW = 160 << 10;

    private static PostgresGrammar grammar;

    @BeforeAll
    static void load() {
        grammar = new PostgresGrammar(1);
    }

    @AfterEach
    void stillWorks() throws SqlSyntaxException {
        assertThat(grammar.parse("SELECT 1; DELETE FROM t")).hasSize(2);
    }

    static Stream<String> deepTexts() {
        return Stream.of(
                "SELECT " + "(".repeat(100_000) + "1" + ")".repeat(100_000),
                "SELECT " + "NOT ".repeat(100_000) + "true",
                "SELECT " + "(SELECT ".repeat(20_000) + "1" + ")".repeat(20_000),
                "WITH x AS (".repeat(5_000) + "SELECT 1" + ") SELECT 1".repeat(5_000),
                "SELECT " + "CASE WHEN true THEN ".repeat(50_000),
                "SELECT a" + "[".repeat(50_000),
                "SELECT 1" + "+1".repeat(900_000),
                "/*".repeat(400_000));
    }

    @ParameterizedTest
    @MethodSource("deepTexts")
    void refusesWhatIsTooDeepInBoundedTime(String text) {
        long start = System.nanoTime();
        assertThatExceptionOfType(SqlSyntaxException.class).isThrownBy(() -> grammar.parse(text));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LONGEST);
    }

    @Test
    void readsExpressionsThatAreDeeperThanTheCallersStack() throws SqlSyntaxException {
        assertThat(grammar.parse("SELECT 1" + "+1".repeat(5_000))).hasSize(1);
        assertThat(grammar.parse("SELECT 1" + " UNION ALL SELECT 1".repeat(2_000)))
                .hasSize(1);
    }

    @Test
    void readsAMegabyte() throws SqlSyntaxException {
        assertThat(grammar.parse("SELECT '" + "x".repeat(1 << 20) + "'")).hasSize(1);
    }

    @Test
    void refusesTextsThatAreLongerThanTheLimit() {
        assertThatExceptionOfType(SqlSyntaxException.class)
                .isThrownBy(() -> grammar.parse("SELECT '" + "x".repeat(PostgresGrammar.LONGEST_TEXT) + "'"))
                .withMessageContaining("at most");
    }

    @Test
    void refusesNulBytesInsteadOfReadingUpToThem() {
        assertThatExceptionOfType(SqlSyntaxException.class)
                .isThrownBy(() -> grammar.parse("SELECT 1\0; DELETE FROM t"))
                .satisfies(e -> assertThat(e.position()).isEqualTo(8));
    }

    @Test
    void refusesInvalidUtf8() {
        byte[] latin = "SELECT 'é'".getBytes(StandardCharsets.ISO_8859_1);
        byte[] surrogate = {'S', 'E', 'L', (byte) 0xed, (byte) 0xa0, (byte) 0x80};
        for (byte[] text : List.of(latin, surrogate)) {
            assertThatExceptionOfType(SqlSyntaxException.class)
                    .isThrownBy(() -> grammar.parse(text))
                    .withMessageContaining("UTF-8");
        }
    }

    @Test
    void whoCannotWaitIsAnsweredWhileAllParsersAreAtWork() throws Exception {
        byte[] slow = "/*".repeat(400_000).getBytes(StandardCharsets.UTF_8);
        byte[] quick = "SELECT 1, 2".getBytes(StandardCharsets.UTF_8);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = threads.submit(() -> grammar.parse(slow));
            var second = threads.submit(() -> grammar.parse(slow));
            assertThat(grammar.parseAtOnce(quick)).hasSize(1);
            assertThat(grammar.parseAtOnce(slow)).isNull();
            assertThat(first.isDone() && second.isDone()).isFalse();
        }
    }

    /** Each of the slow ones takes all the time that it is given. */
    @Test
    void theTimeThatATextWaitsForItsTurnIsNotItsOwn() throws Exception {
        byte[] slow = "/*".repeat(400_000).getBytes(StandardCharsets.UTF_8);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = threads.submit(() -> grammar.parse(slow));
            var second = threads.submit(() -> grammar.parse(slow));
            assertThat(grammar.parse("SELECT '" + "x".repeat(10_000) + "'")).hasSize(1);
            assertThat(List.of(first, second))
                    .allSatisfy(one -> assertThatExceptionOfType(ExecutionException.class)
                            .isThrownBy(one::get)
                            .withMessageContaining("more than 5 s"));
        }
    }

    /** A comment may begin in it two thousand times, and the scanner looks to the end each time. */
    @Test
    void whoCannotWaitIsNotKeptByAShortTextThatIsSlowToScan() throws SqlSyntaxException {
        assertThat(grammar.parseAtOnce("/*".repeat(1_000).getBytes(StandardCharsets.UTF_8)))
                .isNull();
        assertThat(grammar.parseAtOnce("/* a <= b */ SELECT 1 -- ----".getBytes(StandardCharsets.UTF_8)))
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"+1", ".a", ",a", "::a", "[1]", "(", " a,"})
    void whoCannotWaitIsNotKeptByAShortTextOfManyParts(String part) throws SqlSyntaxException {
        assertThat(grammar.parseAtOnce(("SELECT a" + part.repeat(500)).getBytes(StandardCharsets.UTF_8)))
                .isNull();
    }

    @Test
    void whoCannotWaitIsAnsweredWhereALongListHasLongNames() throws SqlSyntaxException {
        String columns = "t0_.first_name AS first_name_12, ".repeat(55);
        byte[] text = ("SELECT " + columns + "1 FROM person t0_ WHERE t0_.id = $1").getBytes(StandardCharsets.UTF_8);
        assertThat(grammar.parseAtOnce(text)).hasSize(1);
    }

    @Test
    void aTextThatTakesTheParserAtHandWithItKeepsNobodyFromAnother() throws Exception {
        byte[] deep = ("SELECT " + "NOT ".repeat(390) + "true").getBytes(StandardCharsets.UTF_8);
        byte[] quick = "SELECT 1".getBytes(StandardCharsets.UTF_8);
        FutureTask<Object> onShallowStack = new FutureTask<>(() -> grammar.parseAtOnce(deep));
        new Thread(null, onShallowStack, "shallow", SHALLOW).start();
        assertThat(onShallowStack.get()).isNull();
        assertThat(grammar.parseAtOnce(quick)).isNull();
        assertThat(grammar.parse(deep)).hasSize(1);
        assertThat(grammar.parseAtOnce(quick)).hasSize(1);
    }

    @Test
    void isSharedByMoreThreadsThanItHasParsers() throws Exception {
        PostgresGrammar shared = new PostgresGrammar(2);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Integer>> work = IntStream.range(0, 200)
                    .<Callable<Integer>>mapToObj(i -> () -> {
                        assertThatExceptionOfType(SqlSyntaxException.class)
                                .isThrownBy(() -> shared.parse("SELEC " + i));
                        return shared.parse("SELECT " + i + ";".repeat(i % 3) + " ; SELECT 2")
                                .size();
                    })
                    .toList();
            for (var result : threads.invokeAll(work)) {
                assertThat(result.get()).isEqualTo(2);
            }
        }
    }
}
