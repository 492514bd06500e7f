package dev.espalier.server.door;

import dev.espalier.control.ControlDatabase;
import dev.espalier.control.SystemReaders;
import dev.espalier.gateway.ClientInfo;
import dev.espalier.gateway.Principal;
import dev.espalier.gateway.Recall;
import dev.espalier.gateway.Refusal;
import dev.espalier.gateway.Route;
import dev.espalier.gateway.Route.Named;
import dev.espalier.gateway.SessionRules;
import java.nio.file.Path;
import java.util.Optional;

/** The database {@code system} as those see it who sign in: what Espalier knows, as far as each may know it. */
final class SystemDatabase {

    /** What a session understands beside SQL. */
    @FunctionalInterface
    interface Statements {

        SessionRules of(Principal principal, ClientInfo client);
    }

    private static final Named OWN = new Named(ControlDatabase.NAME, ControlDatabase.NAME);

    private final ControlDatabase database;
    private final SystemReaders readers;
    private final Statements statements;

    SystemDatabase(ControlDatabase database, SystemReaders readers, Statements statements) {
        this.database = database;
        this.readers = readers;
        this.statements = statements;
    }

    /** A credential for one endpoint leads here only an agent, which reads and changes nothing. */
    static boolean isMeant(String name, Principal principal) {
        return name.equals(ControlDatabase.NAME)
                && (principal.endpoint().isEmpty() || agent(principal).isPresent());
    }

    private static Optional<String> agent(Principal principal) {
        return Optional.of(principal.acting().agent()).filter(name -> !name.isEmpty());
    }

    /** @throws Refusal if the control database is not one of Espalier's own */
    Route route(Principal signedIn, ClientInfo client, dev.espalier.identity.Principal principal) throws Refusal {
        Path socket = database.socketDirectory()
                .orElseThrow(
                        () -> new Refusal(
                                "0A000",
                                "the control database is one that control.url names",
                                "Connect to it there; its schemas query, access, billing and governance hold the system tables."));
        return new Route(
                OWN,
                OWN,
                OWN,
                ControlDatabase.NAME,
                readers.role(principal, agent(signedIn)),
                socket,
                () -> {},
                new Recall(),
                Optional.of(statements.of(signedIn, client)));
    }
}
