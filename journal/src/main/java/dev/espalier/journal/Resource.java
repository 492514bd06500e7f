package dev.espalier.journal;

/**
 * A project, branch or endpoint.
 *
 * @param id never changes and is never used again
 * @param name that people know it by
 */
public record Resource(String id, String name) {

    /** Where there is none. */
    public static final Resource NONE = new Resource("", "");
}
