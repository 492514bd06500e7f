package dev.espalier.server.door;

import dev.espalier.control.ControlDatabase;
import dev.espalier.gateway.Recall;
import dev.espalier.gateway.Refusal;
import dev.espalier.gateway.Route;
import dev.espalier.gateway.Route.Named;
import dev.espalier.gateway.SessionRules;
import dev.espalier.identity.Principal;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.postgresql.core.Utils;

/** The database {@code system} as those who may read Espalier's own tables see it: the system tables, and nothing else. */
final class SystemDatabase {

    private static final String READERS = "system_readers";
    private static final List<String> SCHEMAS = List.of("query", "access", "billing", "governance");
    private static final Named OWN = new Named("system", "system");

    private final ControlDatabase database;
    private final Function<String, SessionRules> statements;

    /** @param statements what a principal's session understands beside SQL */
    SystemDatabase(ControlDatabase database, Function<String, SessionRules> statements) {
        this.database = database;
        this.statements = statements;
    }

    static boolean isMeant(String name) {
        return name.equals(ControlDatabase.NAME);
    }

    /**
     * Makes the role of all readers; to be called when the system tables are there. A database that is run elsewhere has its
     * own ways to say who reads.
     */
    void prepare() {
        if (database.socketDirectory().isEmpty()) {
            return;
        }
        database.jdbi().useTransaction(handle -> {
            handle.execute("""
                    DO $$ BEGIN
                        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'system_readers') THEN
                            CREATE ROLE system_readers NOLOGIN;
                        END IF;
                    END $$
                    """);
            for (String schema : SCHEMAS) {
                handle.execute("GRANT USAGE ON SCHEMA " + schema + " TO " + READERS);
                handle.execute("GRANT SELECT ON ALL TABLES IN SCHEMA " + schema + " TO " + READERS);
            }
        });
    }

    /** @throws Refusal if the principal may not read them, or the control database is not one of Espalier's own */
    Route route(Principal principal) throws Refusal {
        if (!principal.administrator()) {
            throw new Refusal(
                    "42501",
                    principal.name() + " is not an administrator, and only administrators read the database system",
                    "Ask an administrator.");
        }
        Path socket = database.socketDirectory()
                .orElseThrow(
                        () -> new Refusal(
                                "0A000",
                                "the control database is one that control.url names",
                                "Connect to it there; its schemas query, access, billing and governance hold the system tables."));
        try {
            String role = Utils.escapeIdentifier(null, principal.name()).toString();
            database.jdbi().useTransaction(handle -> {
                boolean there = handle.select(
                                "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = ?)", principal.name())
                        .mapTo(Boolean.class)
                        .one();
                if (!there) {
                    handle.execute("CREATE ROLE " + role + " LOGIN IN ROLE " + READERS);
                }
            });
        } catch (SQLException e) {
            throw new Refusal("28000", "the name " + principal.name() + " cannot be a role's: " + e.getMessage(), "");
        }
        return new Route(
                OWN,
                OWN,
                OWN,
                ControlDatabase.NAME,
                principal.name(),
                socket,
                () -> {},
                new Recall(),
                Optional.of(statements.apply(principal.name())));
    }
}
