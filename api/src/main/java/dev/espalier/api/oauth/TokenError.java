package dev.espalier.api.oauth;

/** Why no token was issued (RFC 6749, section 5.2). */
public record TokenError(String error, String errorDescription) {}
