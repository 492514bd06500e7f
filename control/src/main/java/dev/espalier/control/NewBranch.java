package dev.espalier.control;

import java.util.Optional;

/**
 * What a branch is to be.
 *
 * @param source id of the branch it is made from; empty for the project's default branch
 * @param moment which state of that
 * @param mirrorFor name of the principal or group for whom it is to be a masked mirror; empty for an ordinary branch
 */
public record NewBranch(
        Optional<String> source,
        Moment moment,
        boolean isProtected,
        Expiration expiration,
        Optional<String> mirrorFor) {

    /** An ordinary branch. */
    public NewBranch(Optional<String> source, Moment moment, boolean isProtected, Expiration expiration) {
        this(source, moment, isProtected, expiration, Optional.empty());
    }
}
