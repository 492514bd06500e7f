package dev.espalier.journal.metering;

import dev.espalier.journal.Sku;
import dev.espalier.journal.UsageEvent;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;

/** What one subject has used since its last record, cut at the boundaries of the intervals. */
final class Account {

    /** Time is counted in microseconds and CPU in nanoseconds: as decimal seconds they are exact. */
    private static final int DECIMALS_OF_MICROS = 6;

    private static final int DECIMALS_OF_NANOS = 9;

    /** An interval of one SKU that has no record yet. */
    private static final class Open {
        private Instant begin;
        private BigDecimal quantity = BigDecimal.ZERO;

        /** Says nothing of when: a clock that was put back gives the same times again, to what was used then. */
        private UUID record = UUID.randomUUID();

        private Open(Instant begin) {
            this.begin = begin;
        }

        private boolean isEmpty() {
            return quantity.signum() == 0;
        }
    }

    private final Predicate<UsageEvent> records;
    private final Duration interval;
    private final Map<Sku, Open> open = new EnumMap<>(Sku.class);

    private Subject subject;
    private Instant seen;

    /** @param records keeps a record, or answers that it cannot */
    Account(Predicate<UsageEvent> records, Duration interval, Subject subject, Instant begin) {
        this.records = records;
        this.interval = interval;
        this.subject = subject;
        this.seen = begin;
    }

    Instant seen() {
        return seen;
    }

    /** What is known of the subject now; its names may have changed. */
    void describe(Subject now) {
        subject = now;
    }

    /** Adds what was held since it was seen last. Each boundary that has passed ends an interval. */
    void advance(Instant now, Map<Sku, BigDecimal> held) {
        while (now.isAfter(seen)) {
            Instant boundary = nextBoundary();
            Instant until = boundary.isAfter(now) ? now : boundary;
            BigDecimal seconds = BigDecimal.valueOf(ChronoUnit.MICROS.between(seen, until), DECIMALS_OF_MICROS);
            held.forEach((sku, amount) -> add(sku, amount.multiply(seconds)));
            seen = until;
            if (until.equals(boundary)) {
                close();
            }
        }
    }

    /** Adds CPU that has been used since. */
    void cpu(long nanos) {
        if (nanos > 0) {
            add(Sku.CPU, BigDecimal.valueOf(nanos, DECIMALS_OF_NANOS));
        }
    }

    /** Goes on from now, which may be earlier. What comes between was not seen and is not billed. */
    void skipTo(Instant now) {
        close();
        seen = now;
        open.values().stream()
                .filter(part -> part.isEmpty() || now.isBefore(part.begin))
                .forEach(part -> part.begin = now);
    }

    /**
     * Ends the intervals where it was seen last. A record that cannot be kept stays open, and goes with the next.
     *
     * @return whether all were kept
     */
    boolean close() {
        boolean all = true;
        for (Map.Entry<Sku, Open> entry : open.entrySet()) {
            Open part = entry.getValue();
            if (part.isEmpty() || records.test(record(entry.getKey(), part))) {
                part.quantity = BigDecimal.ZERO;
                part.begin = seen;
                part.record = UUID.randomUUID();
            } else {
                all = false;
            }
        }
        return all;
    }

    /** The records of the open intervals, as if they ended where it was seen last. */
    List<UsageEvent> open() {
        return open.entrySet().stream()
                .filter(entry -> !entry.getValue().isEmpty())
                .map(entry -> record(entry.getKey(), entry.getValue()))
                .toList();
    }

    private void add(Sku sku, BigDecimal quantity) {
        Open part = open.computeIfAbsent(sku, _ -> new Open(seen));
        part.quantity = part.quantity.add(quantity);
    }

    private UsageEvent record(Sku sku, Open part) {
        return new UsageEvent(
                part.record,
                subject.attribution(),
                subject.createdBy(),
                sku,
                UsageEvent.Type.ORIGINAL,
                Optional.empty(),
                part.begin,
                seen,
                part.quantity,
                subject.tags());
    }

    private Instant nextBoundary() {
        long length = interval.toNanos() / 1000;
        return Instant.EPOCH.plus((Math.floorDiv(micros(seen), length) + 1) * length, ChronoUnit.MICROS);
    }

    private static long micros(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }
}
