package dev.espalier.schema;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives tests the servers they ask for. Each is started once and stopped after the last test. */
final class Servers implements ParameterResolver {

    static final int[] VERSIONS = {18, 17, 16, 15};

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

        private final Map<Integer, Connection> fixtures = new ConcurrentHashMap<>();

        Server version(int version) {
            return start(version).join();
        }

        /** The connection to a database with the fixture schema, which has a copy; a test leaves it as it was. */
        Connection fixture(int version) throws SQLException {
            if (!fixtures.containsKey(version)) {
                Server server = version(version);
                server.create("fixture", "template1");
                server.execute("fixture", Databases.resource("fixture.sql"));
                server.create("copy", "fixture");
                fixtures.put(version, server.connect("fixture"));
            }
            return Objects.requireNonNull(fixtures.get(version));
        }

        private CompletableFuture<Server> start(int version) {
            return servers.computeIfAbsent(version, v -> CompletableFuture.supplyAsync(() -> new Server(v)));
        }

        @Override
        public void close() throws IOException, SQLException {
            for (Connection connection : fixtures.values()) {
                connection.close();
            }
            for (CompletableFuture<Server> server : servers.values()) {
                server.join().close();
            }
        }
    }
}
