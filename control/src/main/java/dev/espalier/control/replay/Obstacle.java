package dev.espalier.control.replay;

/** Why a statement is not run again. */
public enum Obstacle {
    CHANGES("changes something, locks it, or calls what does"),
    PARAMETERS("takes parameters, whose values are not recorded"),
    SESSION("reads what earlier statements of its session have left: EXECUTE, cursors"),
    INCOMPLETE("is not recorded whole: a secret was taken out, it is too long, or it cannot be read"),
    AGENT("was run by an agent before agents had roles of their own there"),
    NO_ACCESS("was run by one who may not use the project any more"),
    LIMIT("lies beyond the limit; later ones went first"),
    TIME("was not reached in time; give a lower limit");

    private final String meaning;

    Obstacle(String meaning) {
        this.meaning = meaning;
    }

    /** What is true of such a statement. */
    public String meaning() {
        return meaning;
    }
}
