package dev.espalier.gateway;

import java.util.List;
import java.util.Map;

/** What a client may send before it is in a session; these packets have no type byte. */
sealed interface StartupPacket {

    /** Asks for TLS. */
    record SslRequest() implements StartupPacket {}

    /** Asks for encryption by GSSAPI. */
    record GssEncRequest() implements StartupPacket {}

    /** Asks to cancel what another connection runs. */
    record CancelRequest(int processId, Secret secret) implements StartupPacket {}

    /**
     * Asks for a session.
     *
     * @param minor version of protocol 3
     * @param parameters in the client's order
     * @param protocolOptions names that begin with {@code _pq_.}, none of which is known here
     */
    record StartupMessage(int minor, Map<String, String> parameters, List<String> protocolOptions)
            implements StartupPacket {}
}
