package dev.espalier.server.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.api.Identity;
import dev.espalier.gateway.ClientInfo;
import dev.espalier.gateway.Refusal;
import dev.espalier.identity.AccessTokens;
import dev.espalier.identity.Acting;
import dev.espalier.identity.ClientCredentials;
import dev.espalier.identity.ClientSecrets;
import dev.espalier.identity.DatabaseCredentials;
import dev.espalier.identity.Principal;
import dev.espalier.identity.PrincipalKind;
import dev.espalier.identity.PrincipalStore;
import dev.espalier.identity.SigningKeys;
import dev.espalier.identity.TrustedTokens;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jdbi.v3.core.ConnectionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrincipalSignInTest {

    private static final String ISSUER = "http://localhost";
    private static final Clock CLOCK = Clock.systemUTC();
    private static final ClientInfo CLIENT =
            new ClientInfo("s", new InetSocketAddress("127.0.0.1", 1), false, Optional.empty(), Optional.empty(), "");

    @TempDir
    private Path directory;

    @Test
    void whileTheControlDatabaseIsAwayASignInIsToldThatItIsAndToTryAgain() {
        PrincipalStore away = (PrincipalStore) Proxy.newProxyInstance(
                PrincipalStore.class.getClassLoader(), new Class<?>[] {PrincipalStore.class}, (_, _, _) -> {
                    throw new ConnectionException(new SQLException("its server has ended and is being started again"));
                });
        SigningKeys keys = SigningKeys.inFile(directory.resolve("signing-key.json"));
        ClientSecrets secrets = new ClientSecrets(new SecureRandom());
        AccessTokens own = new AccessTokens(keys, ISSUER, away, CLOCK);
        DatabaseCredentials credentials = new DatabaseCredentials(keys, ISSUER, away, CLOCK);
        PrincipalSignIn signIn = new PrincipalSignIn(new Identity(
                keys,
                new ClientCredentials(away, secrets),
                own,
                new TrustedTokens(own, List.of(), away, CLOCK),
                credentials,
                secrets));

        Principal ann = new Principal("id of ann", PrincipalKind.USER, "ann", true, Set.of());
        String credential = credentials
                .issue(ann, "endpoint", DatabaseCredentials.SHORTEST, List.of(), Acting.NOBODY)
                .token();
        assertRefused(() -> signIn.verify("ann", secrets.generate(), CLIENT));
        assertRefused(() -> signIn.verify("ann", own.issue(ann).token(), CLIENT));
        assertRefused(() -> signIn.verify("ann", credential, CLIENT));
        assertRefused(() -> signIn.scramVerifier("ann", CLIENT));
    }

    private static void assertRefused(ThrowingCallable signIn) {
        assertThatThrownBy(signIn).isInstanceOfSatisfying(Refusal.class, refusal -> {
            assertThat(refusal.sqlState()).isEqualTo("57P03");
            assertThat(refusal.reason())
                    .isEqualTo("the control database cannot be asked: its server has ended and is being started again."
                            + " Try again.");
        });
    }
}
