package dev.espalier.governance;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives tests the servers they ask for. Each is started once and stopped after the last test. */
public final class Servers implements ParameterResolver {

    /** The newest alone where time is short: {@code -Despalier.postgres=18}. */
    public static int[] versions() {
        String wanted = System.getProperty("espalier.postgres", "ends");
        return switch (wanted) {
            case "all" -> new int[] {18, 17, 16, 15};
            // The newest and the oldest, so that the usual run is done in minutes.
            case "ends" -> new int[] {18, 15};
            default -> new int[] {Integer.parseInt(wanted)};
        };
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Running.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(Namespace.create(Servers.class))
                .computeIfAbsent(Running.class, type -> new Running(), Running.class);
    }

    /** The servers that run. */
    static final class Running implements AutoCloseable {

        private final Map<Integer, CompletableFuture<Server>> servers = new ConcurrentHashMap<>();
        private final AtomicInteger names = new AtomicInteger();
        private final String[] settings;

        /** @param settings beside those of all, or in their place */
        Running(String... settings) {
            this.settings = settings;
        }

        Server version(int version) {
            return servers.computeIfAbsent(version, v -> CompletableFuture.supplyAsync(() -> new Server(v, settings)))
                    .join();
        }

        /** A name for a database, or for roles, that no other test has. */
        String freshName() {
            return "t" + names.incrementAndGet();
        }

        @Override
        public void close() throws IOException {
            for (CompletableFuture<Server> server : servers.values()) {
                server.join().close();
            }
        }
    }
}
