package dev.espalier.journal.metering;

import dev.espalier.journal.OpenUsage;
import dev.espalier.journal.Sku;
import dev.espalier.journal.UsageEvent;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes records of usage from what is seen of endpoints and branches. Whoever looks says what there is; a record is written
 * for each interval when it ends, and when its subject stops. The intervals are cut at the same moments for all, counted
 * from midnight UTC.
 *
 * <p>Only what is seen is billed. Between two looks it is taken that nothing changed, unless they lie more than {@link
 * #UNSEEN} apart: then the time between is not billed, while the CPU is, which the kernel has counted. So the machine may
 * sleep, and the clock be put forward. One that is put back by as much is followed, too: what is used then is other use, however
 * the times are called. While it is less behind, the time is not billed again. What is in no record yet is saved with each look
 * ({@link #save}), and the next process records it: a kill costs what came since.
 */
public final class UsageMeter {

    /** How far apart two looks may lie for the time between them to count. */
    public static final Duration UNSEEN = Duration.ofMinutes(1);

    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration LONGEST = Duration.ofHours(1);

    /** From so many endpoints or branches on, those that are not there are forgotten. */
    private static final int REMEMBERED = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(UsageMeter.class);

    private final Keeper records;
    private final Duration interval;
    private final OpenUsage openUsage;
    private final Map<String, Account> endpoints = new HashMap<>();
    private final Map<String, Account> branches = new HashMap<>();

    /** The CPU of each endpoint's server that has been counted. */
    private final Map<String, CpuReading> counted = new HashMap<>();

    /** Up to when those were billed that have ended. A clock that was put back a little must not bill the time again. */
    private final Map<String, Instant> ended = new LinkedHashMap<>();

    /** Have ended, and their last records could not be kept. */
    private final List<Account> unwritten = new ArrayList<>();

    /** What the process before had not recorded, and could not be kept so far. */
    private final List<UsageEvent> left;

    private final Object saving = new Object();

    /** Guarded by {@link #saving}. */
    private boolean saves = true;

    /**
     * @param records takes each record, to keep it; where it throws, the quantity goes into the next, and nobody else's waits for it
     * @param interval from a second to an hour, and a day must be a whole number of it
     * @param openUsage what the process before has saved is recorded with the next look
     */
    public UsageMeter(Consumer<UsageEvent> records, Duration interval, OpenUsage openUsage) {
        if (!isPossible(interval)) {
            throw new IllegalArgumentException("usage cannot be recorded every " + interval
                    + ": a day must be a whole number of it, from 1s to 1h");
        }
        this.records = new Keeper(records);
        this.interval = interval;
        this.openUsage = openUsage;
        this.left = new ArrayList<>(openUsage.read());
    }

    /** Whether intervals can be so long. */
    public static boolean isPossible(Duration interval) {
        return interval.compareTo(Duration.ofSeconds(1)) >= 0
                && interval.compareTo(LONGEST) <= 0
                && DAY.toNanos() % interval.toNanos() == 0;
    }

    /** Why records cannot be kept at the moment; empty while they can. */
    public Optional<String> obstacle() {
        return records.obstacle();
    }

    /** How many of those that have stopped or are gone have records that could not be kept. */
    public synchronized int unwritten() {
        return unwritten.size() + left.size();
    }

    /**
     * Saves what is in no record yet, so that the next process can record it.
     *
     * @return whether it is saved
     */
    public boolean save() {
        // Nobody who looks waits for the disk.
        synchronized (saving) {
            boolean before = saves;
            try {
                openUsage.write(open());
                saves = true;
            } catch (UncheckedIOException e) {
                saves = false;
                if (before) {
                    LOG.warn("a kill would lose the usage of the open interval at the moment: {}", e.getMessage(), e);
                }
            }
            return saves;
        }
    }

    private synchronized List<UsageEvent> open() {
        List<UsageEvent> open = new ArrayList<>(left);
        Stream.of(endpoints.values(), branches.values(), unwritten)
                .flatMap(Collection::stream)
                .forEach(account -> open.addAll(account.open()));
        return open;
    }

    /** How long an interval is. */
    public Duration interval() {
        return interval;
    }

    /**
     * The endpoint is seen running.
     *
     * @param computeUnits that it holds
     */
    public synchronized void runs(Subject endpoint, BigDecimal computeUnits, CpuReading cpu, Instant now) {
        Account account = at(endpoints, endpoint, now);
        if (!now.isBefore(account.seen())) {
            account.cpu(sinceLastReading(endpoint.id(), cpu));
        }
        account.advance(now.truncatedTo(ChronoUnit.MICROS), Map.of(Sku.COMPUTE, computeUnits));
    }

    /** What has not been counted, whatever was seen of the endpoint in between; all of it, where the server is another one. */
    private long sinceLastReading(String endpointId, CpuReading now) {
        CpuReading last = counted.get(endpointId);
        long before = last != null && last.server() == now.server() ? last.nanos() : 0;
        if (counted.size() > REMEMBERED) {
            counted.keySet().retainAll(endpoints.keySet());
        }
        counted.put(endpointId, new CpuReading(now.server(), Math.max(before, now.nanos())));
        return now.nanos() - before;
    }

    /** Ids of the endpoints that count as running. */
    public synchronized Set<String> running() {
        return Set.copyOf(endpoints.keySet());
    }

    /** The endpoint has stopped, when it was seen last: its interval ends there. Nothing happens where it does not run. */
    public synchronized void stops(String endpointId) {
        writeUnwritten();
        end(endpoints, endpointId);
    }

    /**
     * The branch is seen to hold these bytes.
     *
     * @param data that only it holds, its history aside
     * @param history of its archived log
     */
    public synchronized void holds(Subject branch, long data, long history, Instant now) {
        at(branches, branch, now)
                .advance(
                        now.truncatedTo(ChronoUnit.MICROS),
                        Map.of(Sku.DATA, BigDecimal.valueOf(data), Sku.HISTORY, BigDecimal.valueOf(history)));
    }

    /** Only these branches are there: the others are gone since they were seen last. */
    public synchronized void onlyHolding(Set<String> branchIds) {
        writeUnwritten();
        List<String> gone =
                branches.keySet().stream().filter(id -> !branchIds.contains(id)).toList();
        gone.forEach(id -> end(branches, id));
    }

    private Account at(Map<String, Account> accounts, Subject subject, Instant now) {
        Instant time = now.truncatedTo(ChronoUnit.MICROS);
        Account account = accounts.computeIfAbsent(subject.id(), id -> {
            Instant billed = ended.getOrDefault(id, time);
            return new Account(records::keep, interval, subject, time.isBefore(billed) ? billed : time);
        });
        account.describe(subject);
        if (Duration.between(account.seen(), time).abs().compareTo(UNSEEN) > 0) {
            account.skipTo(time);
        }
        return account;
    }

    private void writeUnwritten() {
        unwritten.removeIf(Account::close);
        left.removeIf(records::keep);
    }

    private void end(Map<String, Account> accounts, String id) {
        Account account = accounts.remove(id);
        if (account != null) {
            ended.remove(id);
            ended.put(id, account.seen());
            if (ended.size() > REMEMBERED) {
                ended.remove(ended.keySet().iterator().next());
            }
            if (!account.close()) {
                unwritten.add(account);
            }
        }
    }
}
