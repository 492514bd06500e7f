package dev.espalier.api.http;

import dev.espalier.control.Calls.Call;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the refused calls of those who have not signed in: the first of a network are recorded one by one, the others of the minute as
 * one, as the gateway does with sign-ins. So nobody fills the audit before he has signed in. Thread-safe.
 */
final class RefusedStrangers implements AutoCloseable {

    /** Of one network in a minute. */
    static final int ONE_BY_ONE = 60;

    /** Further networks count as one. */
    private static final int MOST_NETWORKS = 1_000;

    private static final int PREFIX_BYTES = 8;

    private static final String OTHERS = "";

    /** Of what a call says of itself, in characters: one is kept for each network. */
    private static final int KEPT = 256;

    private static final Logger LOG = LoggerFactory.getLogger(RefusedStrangers.class);

    private static final class Count {
        private int all;

        /** The last one that was not recorded by itself. */
        private @Nullable Call last;
    }

    private final Map<String, Count> counts = new HashMap<>();
    private final ObjIntConsumer<Call> others;
    private final ScheduledExecutorService minutes = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("refused-strangers").factory());

    /** @param others takes, when a minute has ended, how many were not recorded one by one, and the last of them */
    RefusedStrangers(ObjIntConsumer<Call> others) {
        this.others = others;
    }

    /** @return whether the call is to be recorded by itself */
    synchronized boolean isOneOfFew(Call refused) {
        String from = network(refused.sourceAddress());
        String network = counts.size() < MOST_NETWORKS || counts.containsKey(from) ? from : OTHERS;
        Count count = counts.computeIfAbsent(network, _ -> {
            if (!minutes.isShutdown()) {
                var _ = minutes.schedule(() -> minuteEnds(network), 1, TimeUnit.MINUTES);
            }
            return new Count();
        });
        if (++count.all <= ONE_BY_ONE) {
            return true;
        }
        count.last = shortened(refused);
        return false;
    }

    /** One host has a whole /64 of IPv6 (RFC 4291, section 2.5.1). */
    private static String network(String address) {
        return InetAddress.ofLiteral(address) instanceof Inet6Address six
                ? HexFormat.of().formatHex(six.getAddress(), 0, PREFIX_BYTES)
                : address;
    }

    private static Call shortened(Call call) {
        return new Call(
                call.requestId(),
                call.called(),
                call.principal(),
                call.sourceAddress(),
                call.userAgent().map(RefusedStrangers::shortened),
                call.method(),
                shortened(call.path()),
                call.statusCode(),
                call.errorCode(),
                call.duration(),
                call.via(),
                call.place());
    }

    private static String shortened(String text) {
        return text.length() <= KEPT ? text : text.substring(0, KEPT) + "…";
    }

    private void minuteEnds(String network) {
        Optional<Count> ended;
        synchronized (this) {
            ended = Optional.ofNullable(counts.remove(network));
        }
        ended.ifPresent(this::tell);
    }

    private void tell(Count count) {
        Call last = count.last;
        if (last == null) {
            return;
        }
        int more = count.all - ONE_BY_ONE;
        try {
            others.accept(last, more);
        } catch (RuntimeException e) {
            LOG.error("{} refused calls of {} are not recorded: {}", more, last.sourceAddress(), e.getMessage(), e);
        }
    }

    /** Nobody calls any more: tells of the minutes that have not ended. */
    @Override
    public void close() {
        minutes.shutdownNow();
        List<Count> left;
        synchronized (this) {
            left = new ArrayList<>(counts.values());
            counts.clear();
        }
        left.forEach(this::tell);
    }
}
