package dev.espalier.storage;

/**
 * Whether a backend can be used here.
 *
 * @param backend which one
 * @param available true if a trial of it has succeeded
 * @param reason why, or why not
 * @param fix what would make it available; empty if it is, or if nothing is known
 */
public record Assessment(Backend backend, boolean available, String reason, String fix) {

    static Assessment available(Backend backend, String reason) {
        return new Assessment(backend, true, reason, "");
    }

    static Assessment unavailable(Backend backend, String reason, String fix) {
        return new Assessment(backend, false, reason, fix);
    }
}
