package dev.espalier.control.request;

/**
 * Who asks, and from where.
 *
 * @param principal name of the signed-in principal
 * @param requestId id of the request, unique; empty where there was none
 */
public record Caller(String principal, String requestId) {

    /** Espalier itself: what happens because time has passed, or at a start. */
    public static final Caller SYSTEM = new Caller("espalier", "");
}
