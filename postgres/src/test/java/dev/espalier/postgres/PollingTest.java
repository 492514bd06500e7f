package dev.espalier.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A wait ends when its end has come, its time is over, or nobody wants it any more. */
class PollingTest {

    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration SHORT = Duration.ofMillis(1);

    private final AtomicInteger asked = new AtomicInteger();

    @AfterEach
    void clearInterrupt() {
        boolean _ = Thread.interrupted();
    }

    @Test
    void itAsksUntilItIsSo() throws Exception {
        assertThat(Polling.until(LONG, SHORT, () -> asked.incrementAndGet() == 3))
                .isTrue();
    }

    @Test
    void itAsksOnceEvenWhenThereIsNoTimeLeft() throws Exception {
        assertThat(Polling.until(Duration.ofMillis(-1), LONG, () -> asked.incrementAndGet() == 1))
                .isTrue();
        assertThat(Polling.until(Duration.ofMillis(-1), LONG, () -> asked.incrementAndGet() == 1))
                .isFalse();
        assertThat(asked).hasValue(2);
    }

    @Test
    void whoIsInterruptedAsksNoMore() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> Polling.until(LONG, SHORT, () -> {
                    asked.incrementAndGet();
                    return false;
                }))
                .isInstanceOf(PostgresException.class);
        assertThat(asked).hasValue(1);
        assertThat(Thread.currentThread().isInterrupted())
                .as("others learn of it, too")
                .isTrue();
    }
}
