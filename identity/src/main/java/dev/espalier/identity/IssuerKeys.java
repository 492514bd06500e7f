package dev.espalier.identity;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.jwk.source.JWKSetUnavailableException;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jose.util.ResourceRetriever;
import java.io.IOException;
import java.net.URI;
import java.text.ParseException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Fetches an issuer's public keys: the discovery document says where they are (OpenID Connect Discovery 1.0). Both are fetched
 * anew each time; the cache of keys, its refreshing and its limits are the library's.
 */
final class IssuerKeys implements JWKSetSource<SecurityContext> {

    /** How long keys are used without asking again. */
    static final Duration FRESH = Duration.ofMinutes(15);

    /** How long the last known keys are used when the issuer does not answer. */
    static final Duration OUTAGE = Duration.ofHours(1);

    /** The usual pause between two times that an unknown key is reason to ask again. */
    static final Duration PAUSE = Duration.ofSeconds(30);

    private static final int TIMEOUT_MS = 2_000;
    /** Two documents, each with a time to connect and a time to read. */
    private static final long LONGEST_FETCH_MS = 4L * TIMEOUT_MS;

    private static final int LARGEST = 512 * 1024;
    private static final String DISCOVERY = "/.well-known/openid-configuration";

    private final String issuer;
    private final ResourceRetriever http = new DefaultResourceRetriever(TIMEOUT_MS, TIMEOUT_MS, LARGEST);

    private volatile Optional<String> failure = Optional.empty();

    IssuerKeys(String issuer) {
        this.issuer = issuer;
    }

    /** Why the keys could not be fetched when that was last tried; empty if they were. */
    Optional<String> failure() {
        return failure;
    }

    /**
     * The keys as they are used. They are asked for when the first token comes, so that an issuer that is down stops no start.
     *
     * @param pause how often an unknown key is reason to ask again: at most twice within this time
     */
    JWKSource<SecurityContext> cached(Duration pause) {
        return JWKSourceBuilder.create(this)
                .cache(FRESH.toMillis(), LONGEST_FETCH_MS)
                .refreshAheadCache(false)
                .rateLimited(pause.toMillis())
                .outageTolerant(OUTAGE.toMillis())
                .build();
    }

    @Override
    public JWKSet getJWKSet(JWKSetCacheRefreshEvaluator evaluator, long now, SecurityContext context)
            throws KeySourceException {
        String where = issuer.replaceFirst("/+$", "") + DISCOVERY;
        try {
            Map<String, Object> discovery = JSONObjectUtils.parse(fetch(where));
            if (!issuer.equals(discovery.get("issuer"))) {
                throw new IOException("it describes the issuer " + discovery.get("issuer"));
            }
            where = String.valueOf(discovery.get("jwks_uri"));
            JWKSet keys = JWKSet.parse(fetch(where));
            failure = Optional.empty();
            return keys;
        } catch (IOException | ParseException | IllegalArgumentException e) {
            String why = where + ": " + e.getMessage();
            failure = Optional.of(why);
            throw new JWKSetUnavailableException(why, e);
        }
    }

    private String fetch(String address) throws IOException {
        return http.retrieveResource(
                        OidcIssuer.Endpoints.check(URI.create(address)).toURL())
                .getContent();
    }

    @Override
    public void close() {}
}
