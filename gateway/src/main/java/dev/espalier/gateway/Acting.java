package dev.espalier.gateway;

/**
 * What acts in a principal's name, as the credential says that he asked for; empty for what is not named. The client can
 * change nothing of it by SQL.
 *
 * @param agent the agent, such as a coding assistant
 * @param application that asked for the credential
 * @param tool of the agent's
 * @param requestId of the request that it serves
 */
public record Acting(String agent, String application, String tool, String requestId) {

    /** The principal himself. */
    public static final Acting NOBODY = new Acting("", "", "", "");

    /** For those who read {@code application_name}. */
    String label() {
        String actor = agent.isEmpty() ? application : agent;
        return tool.isEmpty() ? actor : actor + "/" + tool;
    }
}
