package dev.espalier.gateway;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the CPU of parallel workers for the statements that they work for, on a thread of its own. While a statement runs
 * longer than a short one, it looks again and again at the processes of its server: a worker says in its title for which
 * backend it works, and the kernel what it has used.
 *
 * <p>What a worker uses after the last look is not counted for its statement, nor are workers that have come and gone between
 * two looks: up to {@value #LOOK_MILLIS} ms for each worker where the machine lets this thread run in time, and all of a statement
 * that is shorter than {@value #SHORT_MILLIS} ms and the time between two looks. The endpoint's own total has it all.
 */
final class WorkerWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerWatch.class);

    /** Statements that are done sooner cost nothing. */
    private static final int SHORT_MILLIS = 5;

    /** Between two looks at a server on which a statement runs. */
    private static final int LOOK_MILLIS = 10;

    /** Between two looks at whether a statement runs. */
    private static final int IDLE_MILLIS = 20;

    /** A look may take this part of the time at most. */
    private static final int LEAST_PAUSES_PER_LOOK = 20;

    private static final long NANOS_PER_MILLI = 1_000_000L;

    /** All of it: a session's title ends otherwise, whatever its role and database are called. */
    private static final Pattern TITLE =
            Pattern.compile("postgres: (?:[^ :]+: )?parallel worker for PID (\\d{1,10})[ \\x00]*");

    private static final String TITLED = "postgres: ";

    /** The process is no parallel worker. */
    private static final int NOBODY = 0;

    /** A child of a server. */
    private static final class Child {
        private final int leader;
        private final BackendCpu cpu;
        private long counted;

        private Child(int leader, int pid) {
            this.leader = leader;
            this.cpu = new BackendCpu(pid);
        }
    }

    private final Map<Integer, WorkerCpu> sessions = new ConcurrentHashMap<>();

    /** The servers' children, by their process id. Only the thread uses it and what follows. */
    private final Map<Integer, Child> children = new HashMap<>();

    /** The server of each backend. */
    private final Map<Integer, Integer> servers = new HashMap<>();

    private final Thread thread =
            Thread.ofPlatform().daemon().name("gateway-workers").unstarted(this::run);

    private boolean warned;
    private volatile boolean closed;

    private WorkerWatch() {}

    static WorkerWatch start() {
        WorkerWatch watch = new WorkerWatch();
        watch.thread.start();
        return watch;
    }

    /** Counts for a session until it is forgotten. */
    WorkerCpu watch(int backend) {
        WorkerCpu session = new WorkerCpu(backend);
        if (sessions.isEmpty()) {
            sessions.put(backend, session);
            LockSupport.unpark(thread);
        } else {
            sessions.put(backend, session);
        }
        return session;
    }

    void forget(WorkerCpu session) {
        sessions.remove(session.backend(), session);
    }

    private void run() {
        while (!closed) {
            if (sessions.isEmpty()) {
                servers.clear();
                children.clear();
                LockSupport.park(this);
                continue;
            }
            long began = System.nanoTime();
            boolean running = look(began);
            long took = System.nanoTime() - began;
            LockSupport.parkNanos(
                    this,
                    running
                            ? Math.max(LOOK_MILLIS * NANOS_PER_MILLI, LEAST_PAUSES_PER_LOOK * took)
                            : IDLE_MILLIS * NANOS_PER_MILLI);
        }
    }

    /** @return whether a statement runs that is not a short one */
    private boolean look(long now) {
        Set<Integer> busy = new HashSet<>();
        for (WorkerCpu session : sessions.values()) {
            if (session.runsFor(SHORT_MILLIS * NANOS_PER_MILLI, now)) {
                server(session.backend()).ifPresent(busy::add);
            }
        }
        if (busy.isEmpty()) {
            // The next one's server may have other children by then, under the same numbers.
            children.clear();
            servers.keySet().retainAll(sessions.keySet());
            return false;
        }
        Set<Integer> there = new HashSet<>();
        busy.forEach(server -> look(server, there));
        children.keySet().retainAll(there);
        return true;
    }

    private void look(int server, Set<Integer> there) {
        try {
            for (String listed : read(server, "task/" + server + "/children").split(" ")) {
                if (!listed.isBlank()) {
                    int pid = Integer.parseInt(listed.strip());
                    there.add(pid);
                    count(pid);
                }
            }
        } catch (IOException e) {
            if (!warned && Files.exists(Path.of("/proc", Integer.toString(server)))) {
                warned = true;
                LOG.warn(
                        "the CPU of parallel workers is not counted for their statements: the kernel does not list a "
                                + "process' children ({}), which needs CONFIG_PROC_CHILDREN",
                        e.getMessage());
            }
        }
    }

    private void count(int pid) {
        Child child = children.get(pid);
        if (child == null) {
            Optional<Integer> leader = leader(pid);
            if (leader.isEmpty()) {
                return;
            }
            child = new Child(leader.get(), pid);
            children.put(pid, child);
        }
        WorkerCpu session = child.leader == NOBODY ? null : sessions.get(child.leader);
        if (session != null) {
            long used = child.cpu.nanos();
            session.add(used - child.counted);
            child.counted = used;
        }
    }

    /** The backend that the process works for; empty while it has not said what it is. */
    private static Optional<Integer> leader(int pid) {
        try {
            String title = read(pid, "cmdline");
            if (!title.startsWith(TITLED)) {
                return Optional.empty();
            }
            Matcher matcher = TITLE.matcher(title);
            return Optional.of(matcher.matches() ? (int) Long.parseLong(matcher.group(1)) : NOBODY);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The parent of the backend; empty when it has ended. */
    private Optional<Integer> server(int backend) {
        Integer known = servers.get(backend);
        if (known != null) {
            return Optional.of(known);
        }
        try {
            String stat = read(backend, "stat");
            // Behind the name, which may hold anything: the state, then the parent.
            int parent = Integer.parseInt(
                    Arrays.asList(stat.substring(stat.lastIndexOf(')') + 2).split(" ", 3))
                            .get(1));
            servers.put(backend, parent);
            return Optional.of(parent);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static String read(int pid, String file) throws IOException {
        return Files.readString(Path.of("/proc", Integer.toString(pid), file), StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
