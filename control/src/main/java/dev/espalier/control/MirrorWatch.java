package dev.espalier.control;

import dev.espalier.control.MirrorTable.Feed;
import dev.espalier.control.admission.Masking;
import dev.espalier.control.request.ControlException;
import dev.espalier.engine.Engine;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees how mirrors follow their sources, and takes away what sources hold for mirrors that are gone or can never go on. Sources
 * that sleep are left alone: their log does not grow.
 */
final class MirrorWatch {

    private static final Logger LOG = LoggerFactory.getLogger(MirrorWatch.class);

    private final Engine engine;
    private final Jdbi jdbi;
    private final EndpointTable endpoints;
    private final EndpointRunner runner;
    private final MirrorFeeds feeds;
    private final Locks locks;

    /** One that does not wake is tried again after this time. */
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofSeconds(10);

    /** @param outcome of the last attempt to wake a mirror's endpoint, which has failed */
    private record Attempt(long nanos, Mirror outcome) {}

    private final Map<String, Attempt> attempts = new ConcurrentHashMap<>();

    /** Failures of each feed when it was last seen at work. */
    private final Map<String, Long> failures = new ConcurrentHashMap<>();

    MirrorWatch(
            Engine engine, Jdbi jdbi, EndpointTable endpoints, EndpointRunner runner, MirrorFeeds feeds, Locks locks) {
        this.engine = engine;
        this.jdbi = jdbi;
        this.endpoints = endpoints;
        this.runner = runner;
        this.feeds = feeds;
        this.locks = locks;
    }

    void look() {
        for (Branch mirror : jdbi.withHandle(BranchTable::mirrors)) {
            // Whoever works with the mirror now knows more of it.
            locks.tryAlone(mirror.uid()).ifPresent(held -> {
                try (held) {
                    jdbi.withHandle(handle -> BranchTable.byUid(handle, mirror.uid()))
                            .filter(now -> now.volume().equals(mirror.volume()) && now.state() == Branch.State.READY)
                            .ifPresent(this::lookSafely);
                }
            });
        }
        for (Feed feed : jdbi.withHandle(MirrorTable::leftOver)) {
            locks.tryAlone(feed.mirrorUid()).ifPresent(held -> {
                try (held) {
                    // One that was being built then has its mirror now.
                    jdbi.withHandle(MirrorTable::leftOver).stream()
                            .filter(feed::equals)
                            .forEach(this::takeDown);
                }
            });
        }
    }

    /** One that cannot be looked at keeps no other from it. */
    private void lookSafely(Branch mirror) {
        try {
            look(mirror);
        } catch (SQLException | RuntimeException e) {
            LOG.warn("cannot see how {} stands: {}", mirror.name(), e.getMessage());
        }
    }

    private void look(Branch mirror) throws SQLException {
        Mirror before = mirror.mirror().orElseThrow();
        Endpoint primary = jdbi.withHandle(handle -> endpoints.primary(handle, mirror.uid()));
        Mirror now = mirror.sourceUid().isEmpty() ? Mirror.outOfDate(Mirror.SOURCE_IS_GONE) : before;
        if (now.state() != Mirror.State.OUT_OF_DATE) {
            Endpoint source = jdbi.withHandle(
                    handle -> endpoints.primary(handle, mirror.sourceUid().orElseThrow()));
            now = engine.isRunning(source.uid()) ? seen(mirror, source, primary) : before;
        } else if (engine.isRunning(primary.uid())) {
            runner.suspend(primary.uid());
        }
        if (!now.equals(before)) {
            Mirror changed = now;
            jdbi.useHandle(handle -> MirrorTable.change(handle, mirror.uid(), changed));
        }
    }

    private Mirror seen(Branch mirror, Endpoint source, Endpoint primary) throws SQLException {
        List<Feed> all = jdbi.withHandle(handle -> MirrorTable.of(handle, mirror));
        if (all.isEmpty()) {
            return Mirror.outOfDate(MirrorFeeds.NOTHING_HELD);
        }
        for (Feed feed : all) {
            Optional<String> lost = feeds.lost(feed, source);
            if (lost.isPresent()) {
                return Mirror.outOfDate(lost.get());
            }
        }
        Optional<Mirror> asleep = asleep(primary);
        if (asleep.isPresent()) {
            return asleep.get();
        }
        long lag = 0;
        boolean copied = true;
        for (Feed feed : all) {
            MirrorFeeds.Progress progress = feeds.progress(feed, primary);
            if (fails(feed, progress)) {
                return Mirror.stopped(feeds.cannotApply(feed, primary));
            }
            copied &= progress.copied();
            lag = Math.max(lag, feeds.lag(feed, source));
        }
        return new Mirror(
                copied ? Mirror.State.STREAMING : Mirror.State.COPYING, Optional.empty(), OptionalLong.of(lag));
    }

    /** Wakes the mirror's server; what it is where that does not run then. */
    private Optional<Mirror> asleep(Endpoint primary) {
        if (engine.isRunning(primary.uid())) {
            return Optional.empty();
        }
        if (primary.disabled()) {
            return Optional.of(Mirror.stopped("its endpoint is disabled. Update it with spec.disabled=false."));
        }
        Attempt last = attempts.get(primary.uid());
        if (last != null && System.nanoTime() - last.nanos() < BETWEEN_ATTEMPTS.toNanos()) {
            return Optional.of(last.outcome());
        }
        try {
            runner.wakeHeld(primary.uid());
            attempts.remove(primary.uid());
            return Optional.empty();
        } catch (RuntimeException e) {
            String reason = String.valueOf(e.getMessage());
            if (e instanceof ControlException refused && refused.reason().equals(Masking.MASKED_BEFORE)) {
                return Optional.of(Mirror.outOfDate(reason));
            }
            Mirror stopped = Mirror.stopped(reason);
            attempts.put(primary.uid(), new Attempt(System.nanoTime(), stopped));
            return Optional.of(stopped);
        }
    }

    /** A process that ends because its source does is none that fails. */
    private boolean fails(Feed feed, MirrorFeeds.Progress progress) {
        if (!progress.copied()) {
            return progress.failures() > 0;
        }
        if (progress.works()) {
            failures.put(feed.name(), progress.failures());
        }
        Long known = failures.putIfAbsent(feed.name(), progress.failures());
        return known != null && progress.failures() > known;
    }

    /** So that nothing is asked of the source any more. */
    private void stop(Feed feed) {
        jdbi.withHandle(handle -> BranchTable.byUid(handle, feed.mirrorUid())
                        .filter(mirror -> mirror.volume().equals(feed.mirrorVolume()))
                        .map(mirror -> endpoints.primary(handle, mirror.uid()).uid()))
                .filter(engine::isRunning)
                .ifPresent(runner::suspend);
    }

    private void takeDown(Feed feed) {
        Optional<String> source = jdbi.withHandle(handle -> BranchTable.byUid(handle, feed.sourceUid())
                .map(branch -> endpoints.primary(handle, branch.uid()).uid()));
        if (source.isEmpty() || !engine.isRunning(source.get())) {
            return;
        }
        try {
            stop(feed);
            feeds.takeDown(feed, source.get());
            jdbi.useHandle(handle -> MirrorTable.delete(handle, feed));
            failures.remove(feed.name());
        } catch (SQLException e) {
            LOG.debug("{} is not taken down yet: {}", feed.name(), e.getMessage());
        } catch (RuntimeException e) {
            LOG.warn("{} cannot be taken down now: {}", feed.name(), e.getMessage(), e);
        }
    }
}
