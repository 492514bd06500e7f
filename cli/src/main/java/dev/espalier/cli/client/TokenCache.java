package dev.espalier.cli.client;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * The last token, in a file that only its owner can read, so that a command costs one call and not two. It holds one
 * token: signing in elsewhere or as another principal replaces it.
 */
record TokenCache(Path file) {

    /**
     * What a token was issued for, and until when it is accepted.
     *
     * @param credentials {@link ClientCredentials#fingerprint} of those it was issued for
     */
    record Token(URI host, String credentials, String accessToken, Instant expires) {

        /** Without the token itself: this text may end up in a stack trace. */
        @Override
        public String toString() {
            return "Token[at " + host + " until " + expires + "]";
        }
    }

    /** The kept token, when it is for this host and these credentials and still accepted at {@code moment}. */
    Optional<Token> find(URI host, String credentials, Instant moment) {
        return Home.read(file)
                .map(json -> new Token(
                        URI.create(json.path("host").asString("")),
                        json.path("credentials").asString(""),
                        json.path("access_token").asString(""),
                        Instant.ofEpochSecond(json.path("expires").asLong(0))))
                .filter(token -> token.host().equals(host)
                        && token.credentials().equals(credentials)
                        && token.expires().isAfter(moment));
    }

    /** Replaces the file as a whole, so that another command never reads half of one. */
    void keep(Token token) throws IOException {
        ObjectNode json = Json.object();
        json.put("host", token.host().toString());
        json.put("credentials", token.credentials());
        json.put("access_token", token.accessToken());
        json.put("expires", token.expires().getEpochSecond());
        Path directory = file.toAbsolutePath().getParent();
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path fresh = Files.createTempFile(
                directory,
                "cli-token",
                ".new",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            Files.writeString(fresh, json.toString());
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }
}
