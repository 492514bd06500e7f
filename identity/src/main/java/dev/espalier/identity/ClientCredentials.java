package dev.espalier.identity;

import dev.espalier.identity.Verdict.Accepted;
import dev.espalier.identity.Verdict.Reason;
import dev.espalier.identity.Verdict.Refused;
import java.util.List;

/** Signs a service principal in with its name or client id and a secret. */
public final class ClientCredentials {

    private final PrincipalStore principals;
    private final ClientSecrets secrets;

    public ClientCredentials(PrincipalStore principals, ClientSecrets secrets) {
        this.principals = principals;
        this.secrets = secrets;
    }

    /** Whose secret it is. */
    public Verdict<Principal> check(String name, String secret) {
        return switch (Admission.of(principals.named(name), name)) {
            case Accepted<Principal>(Principal principal)
            when principal.kind() != PrincipalKind.SERVICE_PRINCIPAL ->
                new Refused<>(
                        Reason.WRONG_SECRET,
                        name + " is a " + principal.kind().noun()
                                + ", and only service principals have client secrets. Use an access token.");
            case Accepted<Principal>(Principal principal)
            when !secrets.matches(secret, principals.secrets(principal)) ->
                new Refused<>(
                        Reason.WRONG_SECRET,
                        "the client secret is none of " + name
                                + "'s: it is mistyped, revoked, or another's. A secret is only shown when it is made; "
                                + "espalier principals secret " + name + " makes a new one.");
            case Verdict<Principal> verdict -> verdict;
        };
    }

    /**
     * What to check with that a client knows one of the secrets, without being told it: verifiers as PostgreSQL keeps them, all
     * with the same salt.
     */
    public Verdict<Verifiers> verifiers(String name) {
        return switch (Admission.of(principals.named(name), name)) {
            case Refused<Principal>(Reason reason, String message) -> new Refused<>(reason, message);
            case Accepted<Principal>(Principal principal) -> {
                List<String> verifiers = ClientSecrets.verifiers(principals.secrets(principal));
                yield verifiers.isEmpty()
                        ? new Refused<>(
                                Reason.WRONG_SECRET,
                                name + " has no client secret that SCRAM works with"
                                        + (principal.kind() == PrincipalKind.SERVICE_PRINCIPAL
                                                ? "; the older kind of secret does not. Make a new one: "
                                                        + "espalier principals secret " + name + "."
                                                : ": only service principals have any. Use an access token, without SCRAM."))
                        : new Accepted<>(new Verifiers(principal, verifiers));
            }
        };
    }

    /** @param verifiers at least one */
    public record Verifiers(Principal principal, List<String> verifiers) {

        public Verifiers {
            verifiers = List.copyOf(verifiers);
        }

        /** Without what passwords could be guessed with. */
        @Override
        public String toString() {
            return "Verifiers[" + principal.name() + "]";
        }
    }
}
