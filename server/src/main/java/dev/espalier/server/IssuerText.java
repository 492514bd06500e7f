package dev.espalier.server;

import dev.espalier.identity.OidcIssuer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads an issuer as the settings write it: {@code https://login.example.com audience=espalier claim=email}. */
final class IssuerText {

    private static final Set<String> KEYS = Set.of("audience", "claim", "client", "algorithms");

    private IssuerText() {}

    /** @throws IllegalArgumentException naming what is wrong, and what is right */
    static OidcIssuer read(String text) {
        String[] words = text.strip().split("\\s+");
        Map<String, String> given = new HashMap<>();
        for (int i = 1; i < words.length; i++) {
            String[] pair = words[i].split("=", 2);
            if (pair.length < 2 || !KEYS.contains(pair[0]) || given.put(pair[0], pair[1]) != null) {
                throw new IllegalArgumentException("\"" + words[i] + "\" in \"" + text
                        + "\" cannot be used. Write URL audience=NAME, and where wanted claim=NAME, client=ID and "
                        + "algorithms=RS256+ES256, each once.");
            }
        }
        return new OidcIssuer(
                words[0],
                given.getOrDefault("audience", ""),
                given.getOrDefault("claim", OidcIssuer.USUAL_CLAIM),
                Optional.ofNullable(given.get("client")),
                given.containsKey("algorithms")
                        ? Set.of(given.get("algorithms").split("\\+"))
                        : OidcIssuer.USUAL_ALGORITHMS);
    }
}
