package dev.espalier.identity;

/** What became of a token that was shown. */
public sealed interface Verdict<T> {

    /**
     * It is good.
     *
     * @param value what it stands for
     */
    record Accepted<T>(T value) implements Verdict<T> {}

    /**
     * It is not.
     *
     * @param message why, and what to do; never holds the token
     */
    record Refused<T>(Reason reason, String message) implements Verdict<T> {}

    /** Why a token is refused. */
    enum Reason {
        /** It is not a JSON Web Token of the kind that is wanted here. */
        MALFORMED,
        /** No key of ours has signed it, or it was changed afterwards. */
        BAD_SIGNATURE,
        /** Somebody else has issued it. */
        WRONG_ISSUER,
        /** It was issued for something else. */
        WRONG_AUDIENCE,
        /** Its time is over. */
        EXPIRED,
        /** It was issued further in the future than clocks differ. */
        NOT_YET_VALID,
        /** The principal it stands for does not exist any more. */
        UNKNOWN_PRINCIPAL
    }
}
