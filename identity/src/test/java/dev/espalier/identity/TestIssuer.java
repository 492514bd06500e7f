package dev.espalier.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** A small issuer of OpenID Connect: discovery, keys, and tokens of any content. */
final class TestIssuer implements AutoCloseable {

    final AtomicInteger fetches = new AtomicInteger();
    private final HttpServer server;
    private RSAKey key;
    private volatile Map<String, Object> published;
    private volatile String named;

    TestIssuer() throws IOException, JOSEException {
        key = newKey("k1");
        published = new JWKSet(key).toJSONObject(true);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        named = url();
        server.createContext("/.well-known/openid-configuration", exchange -> {
            fetches.incrementAndGet();
            answer(exchange, Map.of("issuer", named, "jwks_uri", url() + "/keys"));
        });
        server.createContext("/keys", exchange -> answer(exchange, published));
        server.start();
    }

    static RSAKey newKey(String id) throws JOSEException {
        return new RSAKeyGenerator(2048).keyID(id).generate();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    RSAKey key() {
        return key;
    }

    /** Signs with a new key from now on, and publishes it in place of the old one. */
    void rotate(String id) throws JOSEException {
        key = newKey(id);
        published = new JWKSet(key).toJSONObject(true);
    }

    /** Calls itself something else in its discovery document. */
    void callItself(String other) {
        named = other;
    }

    /** Claims of a token that is good. */
    JWTClaimsSet.Builder claims(Instant now) {
        return new JWTClaimsSet.Builder()
                .issuer(url())
                .audience("espalier")
                .subject("00u1")
                .claim("email", "Ann@Example.com")
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plusSeconds(600)));
    }

    String sign(JWTClaimsSet.Builder claims) {
        return sign(key, claims);
    }

    static String sign(RSAKey with, JWTClaimsSet.Builder claims) {
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(with.getKeyID()).build(), claims.build());
        try {
            token.sign(new RSASSASigner(with));
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
        return token.serialize();
    }

    private static void answer(HttpExchange exchange, Map<String, Object> body) throws IOException {
        byte[] json = JSONObjectUtils.toJSONString(body).getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, json.length);
            exchange.getResponseBody().write(json);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
