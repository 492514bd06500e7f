package dev.espalier.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives tests one server, and one project on it, started for the first test that asks and removed after the last. */
final class Shared implements ParameterResolver {

    private static final ExtensionContext.Namespace HERE = ExtensionContext.Namespace.create(Shared.class);

    /** A server with its home. */
    record Started(TestHome home, ServerProcess server) implements AutoCloseable {

        @Override
        public void close() throws IOException {
            home.close();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == ServerProcess.class || type == Shop.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        ExtensionContext.Store store = context.getRoot().getStore(HERE);
        ServerProcess server = store.computeIfAbsent(Started.class, _ -> start(), Started.class)
                .server();
        return parameter.getParameter().getType() == ServerProcess.class
                ? server
                : store.computeIfAbsent(Shop.class, _ -> open(server), Shop.class);
    }

    private static Started start() {
        try {
            TestHome home = new TestHome();
            try {
                return new Started(home, home.start("--http.port=0"));
            } catch (IOException | AssertionError e) {
                home.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Shop open(ServerProcess server) {
        try {
            return Shop.open(server);
        } catch (TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }
}
