package dev.espalier.server;

import dev.espalier.storage.Backend;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process: {@code Main [flags]} serves until it is told to stop, {@code Main doctor [--fix] [flags]} looks at the
 * machine, {@code Main storage move BACKEND [flags]} moves the volumes.
 */
public final class Main {

    private static final String CARRIERS = "64";

    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    private Main() {}

    /** Ends with 0, or with 1 after a message that names the cause and what to do. */
    public static void main(String[] arguments) {
        List<String> words = Arrays.asList(arguments);
        try {
            switch (words.isEmpty() ? "" : words.getFirst()) {
                case "doctor" -> {
                    boolean fix = words.contains("--fix");
                    List<String> flags = words.stream()
                            .skip(1)
                            .filter(word -> !word.equals("--fix"))
                            .toList();
                    System.exit(new Doctor(settings(flags)).run(fix) ? 0 : 1);
                }
                case "storage" -> {
                    if (words.size() < 3 || !words.get(1).equals("move")) {
                        throw new StartException("write: espalier storage move btrfs|overlay|reflink|copy");
                    }
                    new StorageMove(settings(words.subList(3, words.size()))).to(backend(words.get(2)));
                }
                default -> serve(settings(words));
            }
        } catch (RuntimeException e) {
            LOG.debug("the stack of what follows", e);
            System.err.println("espalier: " + e.getMessage());
            System.exit(1);
        }
    }

    private static Settings settings(List<String> flags) {
        var home = Home.of(System.getenv("ESPALIER_HOME"));
        return SettingsReader.read(home, home.resolve("espalier.toml"), System.getenv(), flags);
    }

    private static Backend backend(String name) {
        try {
            return Backend.valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new StartException(
                    "\"" + name + "\" is no storage backend. Write btrfs, overlay, reflink or copy.", e);
        }
    }

    /** Returns when the server has stopped. */
    private static void serve(Settings settings) {
        // The sockets of PostgreSQL's JDBC sessions are native code, which holds the thread that carries a virtual one
        // while it waits: with as many carriers as cores, a few slow statements would hold up everyone.
        System.setProperty("jdk.virtualThreadScheduler.parallelism", CARRIERS);
        CountDownLatch stopped = new CountDownLatch(1);
        FutureTask<Server> start = new FutureTask<>(() -> new Server(settings, Clock.systemUTC(), step -> {}));
        // Before the start: who is told to stop meanwhile must not leave PostgreSQL running.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            stop(start);
            stopped.countDown();
        }));
        start.run();
        try {
            start.get();
            stopped.await();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Stops what has started; a start under way ends first, and one that has failed has stopped its parts itself. */
    private static void stop(FutureTask<Server> start) {
        try {
            Server server = start.get();
            LOG.info("stopping");
            server.close();
            LOG.info("stopped");
        } catch (ExecutionException e) {
            LOG.debug("nothing to stop", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
