package dev.espalier.api.principal;

import dev.espalier.control.Secrets;
import java.time.Instant;
import java.util.Optional;

/**
 * A client secret.
 *
 * @param secret only in the answer to its creation; nobody can read it again
 */
public record SecretResource(
        String id, String status, Instant createTime, Optional<Instant> expireTime, Optional<String> secret) {

    static SecretResource of(Secrets.Secret kept, Optional<String> secret) {
        return new SecretResource(kept.id(), "ACTIVE", kept.created(), kept.expires(), secret);
    }

    /** Without the secret: this text may end up in a log. */
    @Override
    public String toString() {
        return "SecretResource[" + id + "]";
    }
}
