package dev.espalier.api.oauth;

/**
 * A token that was issued.
 *
 * @param expiresIn seconds
 */
public record TokenAnswer(String accessToken, String tokenType, long expiresIn, String scope) {

    /** Without the token, so that no log holds one. */
    @Override
    public String toString() {
        return "TokenAnswer[expiresIn=" + expiresIn + "]";
    }
}
