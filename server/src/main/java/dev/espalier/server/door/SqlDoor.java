package dev.espalier.server.door;

import dev.espalier.api.Identity;
import dev.espalier.control.BranchDoor;
import dev.espalier.control.ControlDatabase;
import dev.espalier.control.ControlPlane;
import dev.espalier.control.replay.StatementTexts;
import dev.espalier.gateway.GatewayServer;
import dev.espalier.gateway.GatewaySettings;
import dev.espalier.gateway.Ports;
import dev.espalier.gateway.ServerCertificate;
import dev.espalier.gateway.StatementSink;
import dev.espalier.sql.PostgresGrammar;
import dev.espalier.sql.StatementCache;
import java.time.Clock;

/** The gateway, put together with those it asks: who signs in, where a session goes, what a statement is, who keeps it. */
public final class SqlDoor implements BranchDoor, AutoCloseable {

    private static final int PARSERS = 2;

    /** Texts whose meaning is remembered. */
    private static final int REMEMBERED = 20_000;

    private final GatewayServer gateway;
    private final String host;
    private final int port;
    private final StatementTexts texts;

    private SqlDoor(GatewayServer gateway, String host, int port, StatementTexts texts) {
        this.gateway = gateway;
        this.host = host;
        this.port = port;
        this.texts = texts;
    }

    /**
     * Begins to listen.
     *
     * @param port 0 for any that is free
     * @throws IllegalStateException if the port is in use, or the certificate is none
     */
    public static SqlDoor open(
            String host,
            int port,
            GatewaySettings settings,
            ServerCertificate certificate,
            ControlPlane control,
            ControlDatabase database,
            Identity identity,
            StatementSink sink,
            Clock clock) {
        PostgresGrammar grammar = new PostgresGrammar(PARSERS);
        StatementCache statements = new StatementCache(grammar, REMEMBERED);
        GovernanceExecutor governance = new GovernanceExecutor(control.metastore());
        SystemDatabase system = new SystemDatabase(
                database,
                control.systemReaders(),
                (principal, client) -> new StatementsOfGovernance(
                        principal, client, control.principals(), governance, control.calls(), clock));
        Ports ports = new Ports(
                new PrincipalSignIn(identity),
                new BranchRouter(control, system, statements),
                new GrammarClassifier(grammar, statements),
                sink);
        GatewayServer gateway = GatewayServer.start(settings, ports, certificate, clock);
        try {
            return new SqlDoor(gateway, host, gateway.listen(host, port).port(), new GatewayTexts(statements));
        } catch (RuntimeException e) {
            gateway.close();
            throw e;
        }
    }

    /** Where it listens. */
    @Override
    public int port() {
        return port;
    }

    /** Reads statements that are run again. */
    public StatementTexts texts() {
        return texts;
    }

    @Override
    public Listener open(int ownPort, String projectId, String branchId) {
        return gateway.listen(host, ownPort, BranchRouter.listenerBranch(projectId, branchId))::close;
    }

    @Override
    public void close() {
        gateway.close();
    }
}
