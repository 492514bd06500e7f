package dev.espalier.identity;

/** What became of a token or a secret that was shown. */
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

    /** Why it is refused. */
    enum Reason {
        /** It is not a JSON Web Token of the kind that is wanted here. */
        MALFORMED,
        /** No key of its issuer's has signed it, or it was changed afterwards. */
        BAD_SIGNATURE,
        /** One who is not trusted has issued it. */
        WRONG_ISSUER,
        /** It was issued for something else. */
        WRONG_AUDIENCE,
        /** Its time is over. */
        EXPIRED,
        /** It was issued further in the future than clocks differ. */
        NOT_YET_VALID,
        /** There is no principal that it stands for, or not any more. */
        UNKNOWN_PRINCIPAL,
        /** The principal may not sign in. */
        INACTIVE_PRINCIPAL,
        /** It is none of the principal's secrets. */
        WRONG_SECRET,
        /** The issuer that could say whether it is good does not answer. */
        ISSUER_UNREACHABLE
    }
}
