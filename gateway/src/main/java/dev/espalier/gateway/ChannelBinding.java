package dev.espalier.gateway;

import com.ongres.scram.common.util.TlsServerEndpoint;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Optional;

/**
 * What ties a sign-in to the TLS connection it is made over: a hash of the gateway's certificate (tls-server-end-point of RFC
 * 5929). Who stands between client and gateway with another certificate cannot pass the sign-in on.
 */
final class ChannelBinding {

    private final byte[] hash;

    private ChannelBinding(byte[] hash) {
        this.hash = hash;
    }

    /** The connection's; empty where it is not encrypted, or its certificate's algorithm has no hash that is agreed on. */
    static Optional<ChannelBinding> of(Channel channel) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            return Optional.empty();
        }
        Certificate[] shown = tls.engine().getSession().getLocalCertificates();
        if (shown == null || shown.length == 0 || !(shown[0] instanceof X509Certificate certificate)) {
            return Optional.empty();
        }
        try {
            byte[] hash = TlsServerEndpoint.getChannelBindingData(certificate);
            return hash.length == 0 ? Optional.empty() : Optional.of(new ChannelBinding(hash));
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("the gateway's own certificate cannot be written: " + e.getMessage(), e);
        }
    }

    byte[] hash() {
        return hash.clone();
    }
}
