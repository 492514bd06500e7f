package dev.espalier.journal;

/**
 * The identity columns that all system tables share. What is empty is NULL in the tables.
 *
 * @param project of the branch
 * @param branch it happened on
 * @param endpoint it ran on
 * @param principal who signed in: a user's e-mail address or a service principal's application id
 * @param agent that acts for the principal, as its token says
 * @param application that the token was issued to
 * @param tool of the agent's that caused it
 * @param sessionId of the connection, unique
 * @param requestId of the request that caused it
 * @param sourceAddress the client's IP address, without a port
 * @param client what the client claims to be: {@code application_name} or {@code User-Agent}
 */
public record Attribution(
        Resource project,
        Resource branch,
        Resource endpoint,
        String principal,
        String agent,
        String application,
        String tool,
        String sessionId,
        String requestId,
        String sourceAddress,
        String client) {

    /** What the journal does by itself. */
    public static final Attribution JOURNAL = new Attribution(
            Resource.NONE, Resource.NONE, Resource.NONE, "espalier", "", "", "", "", "", "", "espalier-journal");
}
