package dev.espalier.journal;

/** Texts as PostgreSQL can keep them. */
final class Texts {

    private Texts() {}

    /** PostgreSQL keeps no NUL: the mark for an unknown character stands for it. */
    static String storable(String text) {
        return text.replace('\0', '\uFFFD');
    }
}
