package dev.espalier.gateway;

import java.util.List;

/**
 * What proves that a client knows a password, without the password.
 *
 * @param secrets as PostgreSQL keeps them: {@code SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey}; several where one of
 *     several passwords may be known, all with the same iterations and salt, because these are told first
 * @param principal who knows it
 */
public record ScramVerifier(List<String> secrets, Principal principal) {

    public ScramVerifier {
        secrets = List.copyOf(secrets);
    }

    /** Without the secrets. */
    @Override
    public String toString() {
        return "ScramVerifier[" + principal + "]";
    }
}
