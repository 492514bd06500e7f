package dev.espalier.gateway;

import java.util.Optional;

/**
 * Who signed in.
 *
 * @param name the user's e-mail address or the service principal's application id
 * @param kind {@code USER} or {@code SERVICE_PRINCIPAL}, as the port that verified it says
 * @param agent the application that acts for the principal, as its token says
 */
public record Principal(String name, String kind, Optional<String> agent) {}
