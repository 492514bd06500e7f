package dev.espalier.api;

import dev.espalier.identity.AccessTokens;
import dev.espalier.identity.ClientCredentials;
import dev.espalier.identity.ClientSecrets;
import dev.espalier.identity.DatabaseCredentials;
import dev.espalier.identity.SigningKeys;

/** What the API needs to know who calls. */
public record Identity(
        SigningKeys keys,
        ClientCredentials clientCredentials,
        AccessTokens accessTokens,
        DatabaseCredentials databaseCredentials,
        ClientSecrets secrets) {}
