package dev.espalier.gateway;

import java.time.Instant;
import java.util.Optional;

/** A session began, was refused, or ended. */
public sealed interface SessionRecord {

    /** When. */
    Instant at();

    /** The connection. */
    ClientInfo client();

    /**
     * The client is signed in, and its backend is ready.
     *
     * @param processId the backend's
     */
    record SignedIn(Instant at, SessionInfo session, int processId) implements SessionRecord {
        @Override
        public ClientInfo client() {
            return session.client();
        }
    }

    /**
     * The client is not let in. What it says, and the reason that may quote it, are cut and without what looks like a secret.
     *
     * @param user as the client says; empty if it did not come to that
     * @param database as the client says
     * @param principal if the password was right
     */
    record Refused(
            Instant at,
            ClientInfo client,
            String user,
            String database,
            Optional<Principal> principal,
            String sqlState,
            String reason)
            implements SessionRecord {}

    /**
     * A session that was signed in is over.
     *
     * @param statements how many it executed
     * @param reason why it ended
     */
    record SignedOut(Instant at, SessionInfo session, long statements, String reason) implements SessionRecord {
        @Override
        public ClientInfo client() {
            return session.client();
        }
    }
}
