package dev.espalier.gateway;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a session goes.
 *
 * @param project the project
 * @param branch the branch
 * @param endpoint the endpoint, which is awake
 * @param database the database's name in PostgreSQL
 * @param role the role to log in as, whose login needs no password over the private socket
 * @param socketDirectory directory of the server's Unix socket {@code .s.PGSQL.5432}
 * @param lease closed when the session ends
 * @param recall ends the session
 * @param rules what holds beyond what the server enforces, if anything does
 */
public record Route(
        Named project,
        Named branch,
        Named endpoint,
        String database,
        String role,
        Path socketDirectory,
        Lease lease,
        Recall recall,
        Optional<SessionRules> rules) {

    /** A thing with a name that people use and an id that never changes. */
    public record Named(String id, String name) {}
}
