package dev.espalier.control;

import dev.espalier.control.MeteredTable.MeteredBranch;
import dev.espalier.control.MeteredTable.MeteredEndpoint;
import dev.espalier.engine.CpuTime;
import dev.espalier.engine.Engine;
import dev.espalier.journal.metering.CpuReading;
import dev.espalier.journal.metering.UsageMeter;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the meter what runs and what branches hold. An endpoint counts with the compute units that it holds from its start
 * (its fewest), from when it is opened to when it is told to stop; CPU that the stopping itself costs is not counted.
 */
final class UsageWatch {

    private static final Logger LOG = LoggerFactory.getLogger(UsageWatch.class);

    private static final Duration LONGEST_BETWEEN_LOOKS = Duration.ofSeconds(5);
    private static final int LOOKS_PER_INTERVAL = 4;

    private final Engine engine;
    private final Jdbi jdbi;
    private final BranchSpace space;
    private final UsageMeter meter;
    private final Clock clock;

    UsageWatch(Engine engine, Jdbi jdbi, BranchSpace space, UsageMeter meter, Clock clock) {
        this.engine = engine;
        this.jdbi = jdbi;
        this.space = space;
        this.meter = meter;
        this.clock = clock;
    }

    /** Time between two looks: often enough that little is lost of a server that goes down by itself. */
    Duration betweenLooks() {
        return Duration.ofMillis(
                Math.min(meter.interval().toMillis() / LOOKS_PER_INTERVAL, LONGEST_BETWEEN_LOOKS.toMillis()));
    }

    /** Time until a look that falls together with the end of an interval, as then one in each of the following. */
    Duration untilFirstLook() {
        long between = betweenLooks().toMillis();
        return Duration.ofMillis(between - Math.floorMod(clock.millis(), between));
    }

    /** Looks at what runs. */
    void lookAtEndpoints() {
        // Before the look: what starts meanwhile must not count as gone.
        Set<String> gone = new HashSet<>(meter.running());
        List<String> running = engine.running().stream().filter(this::counts).toList();
        running.forEach(gone::remove);
        gone.forEach(meter::stops);
        try {
            lookAtEach(running);
        } finally {
            meter.save();
        }
    }

    /** One that cannot be looked at keeps nobody from looking at the others. */
    private void lookAtEach(List<String> endpointUids) {
        List<RuntimeException> failures = new ArrayList<>();
        for (String uid : endpointUids) {
            try {
                look(uid);
            } catch (RuntimeException e) {
                failures.add(e);
            }
        }
        if (!failures.isEmpty()) {
            throw new IllegalStateException(
                    failures.size() + " of " + endpointUids.size()
                            + " endpoints could not be looked at, the first because: "
                            + failures.getFirst().getMessage(),
                    failures.getFirst());
        }
    }

    /** A mirror lets nobody in, and runs all the same. */
    private boolean counts(String endpointUid) {
        return engine.isOpen(endpointUid) || (meter.running().contains(endpointUid) && engine.isRunning(endpointUid));
    }

    private void look(String endpointUid) {
        Optional<CpuTime> cpu = engine.cpu(endpointUid);
        Optional<MeteredEndpoint> row = jdbi.withHandle(handle -> MeteredTable.endpoint(handle, endpointUid));
        if (cpu.isPresent() && row.isPresent()) {
            CpuTime used = cpu.get();
            meter.runs(
                    row.get().subject(),
                    BigDecimal.valueOf(row.get().computeUnits()),
                    new CpuReading(used.server(), used.nanos()),
                    clock.instant());
        }
    }

    /** Looks at what branches hold, as far as that has been measured. */
    void lookAtBranches() {
        List<MeteredBranch> branches = jdbi.withHandle(MeteredTable::branches);
        Set<String> seen = new HashSet<>();
        Instant now = clock.instant();
        for (MeteredBranch branch : branches) {
            seen.add(branch.uid());
            branch.figure()
                    .ifPresent(held -> meter.holds(
                            branch.subject(), held.exclusiveBytes() - held.historyBytes(), held.historyBytes(), now));
        }
        meter.onlyHolding(seen);
    }

    /** Measures what branches hold, which may take long for each: not to be waited for with a look. */
    void measureBranches() {
        space.measure(jdbi.withHandle(MeteredTable::branches), meter.interval());
    }

    /** The endpoint has been opened. A start is no failure because it could not be metered: the next look begins then. */
    void opened(String endpointUid) {
        // A look may have come between its last stop and that.
        meter.stops(endpointUid);
        try {
            look(endpointUid);
        } catch (RuntimeException e) {
            LOG.warn("the usage of endpoint {} begins at the next look: {}", endpointUid, e.getMessage());
        }
    }

    /** The endpoint is about to be stopped. */
    void stopping(String endpointUid) {
        try {
            if (counts(endpointUid)) {
                look(endpointUid);
            }
        } catch (RuntimeException e) {
            // The servers must stop all the same.
            LOG.warn("the usage of endpoint {} ends when it was seen last: {}", endpointUid, e.getMessage());
        }
        meter.stops(endpointUid);
    }

    /** Ends all intervals; all servers are stopped after this. */
    void end() {
        meter.running().forEach(this::stopping);
        meter.onlyHolding(Set.of());
        boolean saved = meter.save();
        meter.obstacle()
                .filter(_ -> meter.unwritten() > 0)
                .ifPresent(why -> LOG.error(
                        "the last usage of {} endpoints and branches {}: {}",
                        meter.unwritten(),
                        saved ? "is recorded by the next start" : "is lost with the end of this process",
                        why));
    }
}
