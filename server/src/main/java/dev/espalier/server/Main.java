package dev.espalier.server;

import dev.espalier.storage.Backend;
import java.time.Clock;
import java.util.ArrayList;
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
 * machine, {@code Main storage move BACKEND [flags]} moves the volumes. For the command line there are also
 * {@code Main check [flags]}, which only reads the settings, and {@code Main stop-left [flags]}, which ends the PostgreSQL
 * servers of a server that was killed and prints how many there were.
 */
public final class Main {

    private static final int USAGE = 2;

    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    private Main() {}

    /** Ends with 0, or after a message that names the cause and what to do: with 2 where the command line is wrong, else 1. */
    public static void main(String[] arguments) {
        List<String> words = Arrays.asList(arguments);
        String command = words.isEmpty() ? "" : words.getFirst();
        try {
            if (words.contains("-h") || words.contains("--help")) {
                System.out.print(Help.of(command));
                return;
            }
            switch (command) {
                case "doctor" -> System.exit(doctor(words.subList(1, words.size())));
                case "storage" -> moveStorage(words);
                case "check" -> settings(words.subList(1, words.size()));
                case "stop-left" -> System.out.println(LeftServers.stop(settings(words.subList(1, words.size()))));
                default -> serve(settings(words));
            }
        } catch (UsageException | SettingsException e) {
            System.err.println("espalier: " + e.getMessage());
            System.exit(USAGE);
        } catch (RuntimeException e) {
            LOG.debug("the stack of what follows", e);
            System.err.println("espalier: " + e.getMessage());
            System.exit(1);
        }
    }

    private static int doctor(List<String> words) {
        boolean fix = false;
        boolean json = false;
        List<String> flags = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (word.equals("--fix")) {
                fix = true;
            } else if (word.equals("-o") || word.equals("--output")) {
                i++;
                json = isJson(i < words.size() ? words.get(i) : "");
            } else if (word.startsWith("--output=")) {
                json = isJson(word.substring("--output=".length()));
            } else {
                flags.add(word);
            }
        }
        Findings findings = new Doctor(settings(flags)).look(fix);
        System.out.print(json ? findings.json() : findings.text());
        return findings.canRun() ? 0 : 1;
    }

    private static boolean isJson(String format) {
        return switch (format) {
            case "json" -> true;
            case "table" -> false;
            default -> throw new UsageException("\"" + format + "\" is no format of output. Write table or json.");
        };
    }

    private static void moveStorage(List<String> words) {
        if (words.size() < 3 || !words.get(1).equals("move")) {
            throw new UsageException("write: espalier storage move btrfs|overlay|reflink|copy");
        }
        new StorageMove(settings(words.subList(3, words.size()))).to(backend(words.get(2)));
    }

    private static Settings settings(List<String> flags) {
        var home = Home.of(System.getenv("ESPALIER_HOME"));
        return SettingsReader.read(home, home.resolve("espalier.toml"), System.getenv(), flags);
    }

    private static Backend backend(String name) {
        try {
            return Backend.valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new UsageException("\"" + name + "\" is no storage backend. Write btrfs, overlay, reflink or copy.");
        }
    }

    /** Returns when the server has stopped. */
    private static void serve(Settings settings) {
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
