package dev.espalier.server;

import dev.espalier.api.Identity;
import dev.espalier.identity.AccessTokens;
import dev.espalier.identity.ClientCredentials;
import dev.espalier.identity.ClientSecrets;
import dev.espalier.identity.DatabaseCredentials;
import dev.espalier.identity.FirstAdministrator;
import dev.espalier.identity.PrincipalStore;
import dev.espalier.identity.SigningKeys;
import dev.espalier.identity.TrustedTokens;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;

/** Puts together who may sign in. */
final class Identities {

    private Identities() {}

    /** Reads the signing key, or makes it at the first start. */
    static SigningKeys keys(Settings settings) {
        return SigningKeys.inFile(settings.home().resolve("signing-key.json"));
    }

    /** Makes the administrator at the first start. */
    static Identity of(Settings settings, SigningKeys keys, PrincipalStore principals, Clock clock) {
        Path home = settings.home();
        ClientSecrets secrets = new ClientSecrets(new SecureRandom());
        FirstAdministrator.ensure(principals, secrets, home.resolve("admin-credentials.json"));
        String issuer = "http://" + settings.httpHost() + ":" + settings.httpPort();
        AccessTokens own = new AccessTokens(keys, issuer, principals, clock);
        return new Identity(
                keys,
                new ClientCredentials(principals, secrets),
                own,
                new TrustedTokens(own, settings.issuers(), principals, clock),
                new DatabaseCredentials(keys, issuer, principals, clock),
                secrets);
    }
}
