package dev.espalier.gateway;

import io.netty.util.concurrent.EventExecutor;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Counts who is refused without having proved who he is: the first of a network are recorded one by one, the others of the minute
 * as one, so that nobody fills the journal before he has signed in. Thread-safe.
 */
final class RefusedSignIns {

    /** Of one network in a minute. */
    static final int ONE_BY_ONE = 60;

    /** Further networks count as one. */
    private static final int MOST_NETWORKS = 1_000;

    private static final Optional<InetAddress> OTHERS = Optional.empty();

    private static final class Count {
        private int all;
        private SessionRecord.Refused last;

        private Count(SessionRecord.Refused first) {
            last = first;
        }
    }

    private final Map<Optional<InetAddress>, Count> counts = new HashMap<>();

    /**
     * @param loop tells of those that are not recorded one by one, when the minute has ended
     * @param records takes what is to be recorded
     */
    void add(SessionRecord.Refused refused, EventExecutor loop, Consumer<SessionRecord> records) {
        boolean oneOfFew;
        synchronized (this) {
            Optional<InetAddress> from =
                    Optional.of(Networks.of(refused.client().address().getAddress()));
            Optional<InetAddress> network = counts.size() < MOST_NETWORKS || counts.containsKey(from) ? from : OTHERS;
            Count count = counts.computeIfAbsent(network, _ -> {
                var _ = loop.schedule(() -> minuteEnds(network, records), 1, TimeUnit.MINUTES);
                return new Count(refused);
            });
            count.last = refused;
            oneOfFew = ++count.all <= ONE_BY_ONE;
        }
        if (oneOfFew) {
            records.accept(refused);
        }
    }

    private void minuteEnds(Optional<InetAddress> network, Consumer<SessionRecord> records) {
        Optional<Count> ended;
        synchronized (this) {
            ended = Optional.ofNullable(counts.remove(network));
        }
        ended.ifPresent(count -> tell(count, records));
    }

    /** Nobody signs in any more. */
    void end(Consumer<SessionRecord> records) {
        List<Count> left;
        synchronized (this) {
            left = new ArrayList<>(counts.values());
            counts.clear();
        }
        left.forEach(count -> tell(count, records));
    }

    private static void tell(Count count, Consumer<SessionRecord> records) {
        int more = count.all - ONE_BY_ONE;
        if (more > 0) {
            SessionRecord.Refused last = count.last;
            records.accept(new SessionRecord.Refused(
                    last.at(),
                    last.client(),
                    "",
                    "",
                    Optional.empty(),
                    last.sqlState(),
                    more + " more sign-ins were refused within a minute, the last one: " + last.reason()));
        }
    }
}
