package dev.espalier.cli.client;

import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The service principal that signs in. */
record ClientCredentials(String clientId, String clientSecret) {
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

    /**
     * From {@code ESPALIER_CLIENT_ID} and {@code ESPALIER_CLIENT_SECRET}, else the administrator's of this home. The
     * administrator's are only ever sent to this machine, so that a mistyped host does not get them.
     */
    static ClientCredentials find(Map<String, String> variables, Home home, URI host) {
        String id = variables.getOrDefault("ESPALIER_CLIENT_ID", "");
        String secret = variables.getOrDefault("ESPALIER_CLIENT_SECRET", "");
        if (!id.isBlank() && !secret.isBlank()) {
            return new ClientCredentials(id, secret);
        }
        if (id.isBlank() != secret.isBlank()) {
            throw new Failure(
                    ExitCode.NOT_ALLOWED, "Set both ESPALIER_CLIENT_ID and ESPALIER_CLIENT_SECRET, or neither.");
        }
        if (!isLoopback(host) && !isOwnServer(host, home)) {
            throw new Failure(
                    ExitCode.NOT_ALLOWED,
                    "Not signed in at " + host
                            + ": set ESPALIER_CLIENT_ID and ESPALIER_CLIENT_SECRET. The credentials in "
                            + home.adminCredentials()
                            + " are for the server on this machine and are not sent elsewhere.");
        }
        return ofAdministrator(home).orElseThrow(() -> absent(home));
    }

    /** Tells these from any others, without telling the secret. */
    String fingerprint() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest((clientId + ":" + clientSecret).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    static boolean isLoopback(URI host) {
        return LOOPBACK.contains(String.valueOf(host.getHost()));
    }

    /** The server of this home may listen on one address of this machine only. */
    private static boolean isOwnServer(URI host, Home home) {
        return home.server().filter(server -> server.url().equals(host)).isPresent();
    }

    private static Optional<ClientCredentials> ofAdministrator(Home home) {
        return Home.read(home.adminCredentials())
                .map(json -> new ClientCredentials(
                        json.path("client_id").asString(""),
                        json.path("client_secret").asString("")));
    }

    private static Failure absent(Home home) {
        if (home.server().isEmpty()) {
            return new Failure(
                    ExitCode.UNREACHABLE,
                    "No Espalier server runs from " + home.directory() + ". Start one with ./espalier up, or set"
                            + " ESPALIER_HOST, ESPALIER_CLIENT_ID and ESPALIER_CLIENT_SECRET for one elsewhere.");
        }
        return new Failure(
                ExitCode.NOT_ALLOWED,
                "Not signed in: " + home.adminCredentials() + " is missing, which the server makes at its first start."
                        + " Set ESPALIER_HOME to the server's home, or ESPALIER_CLIENT_ID and ESPALIER_CLIENT_SECRET.");
    }

    /** The value of the Authorization header at the token endpoint. */
    String basic() {
        byte[] pair = (clientId + ":" + clientSecret).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    /** Without the secret: this text may end up in a stack trace. */
    @Override
    public String toString() {
        return "ClientCredentials[" + clientId + "]";
    }
}
