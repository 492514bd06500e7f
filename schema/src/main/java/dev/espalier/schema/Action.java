package dev.espalier.schema;

/** What happened to an object on the way from one schema to the other. */
public enum Action {
    ADDED('+'),
    REMOVED('-'),
    CHANGED('~');

    private final char sign;

    Action(char sign) {
        this.sign = sign;
    }

    /** The sign that stands before the object in a text. */
    public char sign() {
        return sign;
    }
}
