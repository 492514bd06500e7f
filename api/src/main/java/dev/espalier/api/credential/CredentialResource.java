package dev.espalier.api.credential;

import java.time.Instant;

/** A database credential. */
public record CredentialResource(String token, Instant expireTime) {

    /** Without the token, so that no log holds one. */
    @Override
    public String toString() {
        return "CredentialResource[expireTime=" + expireTime + "]";
    }
}
