package dev.espalier.identity;

import java.time.Instant;

/**
 * A token, to be handed to whom it was made for and kept nowhere.
 *
 * @param expires when it stops being accepted, in whole seconds
 */
public record IssuedToken(String token, Instant expires) {

    /** Without the token, so that no log holds one. */
    @Override
    public String toString() {
        return "IssuedToken[expires=" + expires + "]";
    }
}
