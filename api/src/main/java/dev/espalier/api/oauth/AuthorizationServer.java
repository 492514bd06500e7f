package dev.espalier.api.oauth;

import java.util.List;

/** How to sign in (authorization server metadata of RFC 8414). */
public record AuthorizationServer(
        String issuer,
        String tokenEndpoint,
        String jwksUri,
        List<String> grantTypesSupported,
        List<String> tokenEndpointAuthMethodsSupported,
        List<String> scopesSupported,
        List<String> responseTypesSupported) {}
