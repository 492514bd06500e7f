package dev.espalier.api.oauth;

import java.util.Optional;

/** The form that asks for a token (RFC 6749, section 4.4). Client id and secret come by HTTP Basic. */
public record TokenRequest(String grantType, Optional<String> scope) {}
