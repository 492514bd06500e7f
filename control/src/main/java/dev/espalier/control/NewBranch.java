package dev.espalier.control;

import dev.espalier.control.request.Moment;
import dev.espalier.control.setting.Expiration;
import java.util.Optional;

/**
 * What a branch is to be.
 *
 * @param source id of the branch it is made from; empty for the project's default branch
 * @param moment which state of that
 * @param isProtected empty where nothing is said: a new one is not protected then, and one that is replaced stays as it is
 * @param mirrorFor name of the principal or group for whom it is to be a masked mirror; empty for an ordinary branch
 */
public record NewBranch(
        Optional<String> source,
        Moment moment,
        Optional<Boolean> isProtected,
        Expiration expiration,
        Optional<String> mirrorFor) {

    /** An ordinary branch. */
    public NewBranch(Optional<String> source, Moment moment, boolean isProtected, Expiration expiration) {
        this(source, moment, Optional.of(isProtected), expiration, Optional.empty());
    }
}
