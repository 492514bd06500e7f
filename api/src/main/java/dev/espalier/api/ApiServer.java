package dev.espalier.api;

import dev.espalier.api.audit.AuditVerification;
import dev.espalier.api.http.HttpServer;
import dev.espalier.api.system.Health;
import dev.espalier.control.ControlPlane;
import dev.espalier.control.PolicyReplay;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** The HTTP API: {@link #start} begins to listen, {@link #close} stops. Every call goes to the control plane's services. */
public final class ApiServer implements AutoCloseable {

    private final HttpServer server;

    /**
     * @param replay of statements under proposed policies
     * @param gateway where PostgreSQL clients connect
     * @param problems what is not as it should be, for the status
     * @param audit checks the audit
     * @param billing prices and the correction of usage
     */
    public ApiServer(
            ControlPlane control,
            PolicyReplay replay,
            Identity identity,
            String version,
            Health.Gateway gateway,
            Supplier<List<String>> problems,
            Supplier<AuditVerification> audit,
            Billing billing,
            Clock clock) {
        this.server = new HttpServer(
                Routes.all(control, replay, identity, version, gateway, problems, audit, billing, clock),
                identity.trustedTokens(),
                control.access(),
                control.calls(),
                clock);
    }

    /**
     * Begins to listen.
     *
     * @param host a loopback address; on another, tokens and secrets can be read on their way unless a proxy speaks TLS
     * @param port 0 for any that is free
     * @return the address to call
     */
    public URI start(String host, int port) {
        return server.start(host, port);
    }

    /** What the server takes, as {@code METHOD /path}. */
    Set<String> routes() {
        return server.routes();
    }

    @Override
    public void close() {
        server.close();
    }
}
