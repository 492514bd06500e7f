package dev.espalier.api.principal;

import java.time.Duration;
import java.util.Optional;

/**
 * A client secret as a client asks for it.
 *
 * @param lifetime none for one that does not end
 */
public record SecretRequest(Optional<Duration> lifetime) {}
