package dev.espalier.identity;

import com.nimbusds.jose.JWSAlgorithm;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An issuer of tokens that is trusted to say who somebody is (OpenID Connect): whom its tokens name, that is who signs in.
 *
 * @param url as its tokens name it; its discovery document is below
 * @param audience what its tokens must be made for
 * @param claim the claim that has a user's name
 * @param client the application that its tokens must be issued to; empty for any
 * @param algorithms of signatures that are accepted, by their names in JOSE
 */
public record OidcIssuer(String url, String audience, String claim, Optional<String> client, Set<String> algorithms) {

    /** The claim that has a user's name where none is said. */
    public static final String USUAL_CLAIM = "email";

    /** The algorithms that are accepted where none are said: what issuers use, and no weaker. */
    public static final Set<String> USUAL_ALGORITHMS = Set.of("RS256", "PS256", "ES256");

    private static final Set<JWSAlgorithm> ASYMMETRIC = Stream.of(JWSAlgorithm.Family.RSA, JWSAlgorithm.Family.EC)
            .flatMap(Set::stream)
            .collect(Collectors.toUnmodifiableSet());

    /** @throws IllegalArgumentException naming what is wrong, and what is right */
    public OidcIssuer {
        checkUrl(url);
        algorithms = Set.copyOf(algorithms);
        for (String algorithm : algorithms) {
            if (!ASYMMETRIC.contains(JWSAlgorithm.parse(algorithm))) {
                throw new IllegalArgumentException("the algorithm " + algorithm
                        + " is not one with a public key of RSA or of a NIST curve. Choose from "
                        + ASYMMETRIC.stream()
                                .map(JWSAlgorithm::getName)
                                .sorted()
                                .collect(Collectors.joining(", ")) + ".");
            }
        }
        if (audience.isBlank() || claim.isBlank() || algorithms.isEmpty()) {
            throw new IllegalArgumentException(
                    "the issuer " + url + " needs an audience, a claim and an algorithm. Write URL audience=NAME.");
        }
    }

    private static void checkUrl(String text) {
        try {
            Endpoints.check(new URI(text));
        } catch (URISyntaxException | IllegalArgumentException e) {
            throw new IllegalArgumentException("the issuer " + text + " cannot be used: " + e.getMessage(), e);
        }
    }

    /** Which addresses an issuer's documents may be fetched from. */
    static final class Endpoints {

        private static final List<String> LOOPBACK = List.of("localhost", "127.0.0.1", "[::1]");

        private Endpoints() {}

        /** @throws IllegalArgumentException if what is fetched there could be changed on its way */
        static URI check(URI address) {
            boolean local = "http".equals(address.getScheme())
                    && address.getHost() != null
                    && LOOPBACK.contains(address.getHost());
            if (address.getHost() == null || !(local || "https".equals(address.getScheme()))) {
                throw new IllegalArgumentException(
                        address + " is not an https address; http is only for issuers on this machine");
            }
            return address;
        }
    }
}
