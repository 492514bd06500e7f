package dev.espalier.gateway;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import javax.net.ssl.SSLException;

/**
 * The certificate that the gateway shows in TLS.
 *
 * @param chain PEM file: the certificate and those that signed it
 * @param key PEM file: its private key in PKCS #8
 */
public record ServerCertificate(Path chain, Path key) {

    /** The name of the protocol in ALPN, registered with IANA. */
    static final String PROTOCOL = "postgresql";

    /** Yours. */
    public static ServerCertificate of(Path chain, Path key) {
        return new ServerCertificate(chain, key);
    }

    /** The gateway's own, which is made and signed by itself if the directory has none. */
    public static ServerCertificate own(Path directory, Clock clock) {
        ServerCertificate own =
                new ServerCertificate(directory.resolve("gateway.crt"), directory.resolve("gateway.key"));
        if (!Files.exists(own.chain) || !Files.exists(own.key)) {
            try {
                SelfSigned.write(own.chain, own.key, clock);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot make a certificate in " + directory, e);
            }
        }
        return own;
    }

    /** @throws IllegalStateException naming the files, if they are not a certificate and its key */
    SslContext context() {
        try {
            return SslContextBuilder.forServer(chain.toFile(), key.toFile())
                    .sslProvider(SslProvider.OPENSSL)
                    .applicationProtocolConfig(new ApplicationProtocolConfig(
                            ApplicationProtocolConfig.Protocol.ALPN,
                            ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                            ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                            PROTOCOL))
                    .build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new IllegalStateException(
                    "the gateway's TLS cannot use " + chain + " with " + key + ": " + e.getMessage()
                            + ". Give PEM files: a certificate chain, and its key in PKCS #8.",
                    e);
        }
    }
}
