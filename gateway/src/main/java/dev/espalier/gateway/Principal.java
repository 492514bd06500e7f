package dev.espalier.gateway;

import java.util.Optional;

/**
 * Who signed in.
 *
 * @param id identifies him for ever, whoever gets his name
 * @param name the user's e-mail address or the service principal's application id
 * @param kind {@code USER} or {@code SERVICE_PRINCIPAL}, as the port that verified it says
 * @param acting what acts in his name
 * @param endpoint id of the one endpoint that the credential is good for; empty for all that the principal may reach
 */
public record Principal(String id, String name, String kind, Acting acting, Optional<String> endpoint) {

    /** One who may go wherever the router lets him. */
    public Principal(String id, String name, String kind, Acting acting) {
        this(id, name, kind, acting, Optional.empty());
    }
}
