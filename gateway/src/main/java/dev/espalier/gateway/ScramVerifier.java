package dev.espalier.gateway;

/**
 * What proves that a client knows a password, without the password.
 *
 * @param secret as PostgreSQL keeps it: {@code SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey}
 * @param principal who knows it
 */
public record ScramVerifier(String secret, Principal principal) {

    /** Without the secret. */
    @Override
    public String toString() {
        return "ScramVerifier[" + principal + "]";
    }
}
