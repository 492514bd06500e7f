package dev.espalier.api;

import dev.espalier.identity.AccessTokens;
import dev.espalier.identity.ClientCredentials;
import dev.espalier.identity.ClientSecrets;
import dev.espalier.identity.DatabaseCredentials;
import dev.espalier.identity.SigningKeys;
import dev.espalier.identity.TrustedTokens;

/**
 * What the API needs to know who calls.
 *
 * @param accessTokens those that this server issues
 * @param trustedTokens those that it accepts
 */
public record Identity(
        SigningKeys keys,
        ClientCredentials clientCredentials,
        AccessTokens accessTokens,
        TrustedTokens trustedTokens,
        DatabaseCredentials databaseCredentials,
        ClientSecrets secrets) {}
