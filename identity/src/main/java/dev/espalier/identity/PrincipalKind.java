package dev.espalier.identity;

/** What something may be given to. */
public enum PrincipalKind {
    /** A person. */
    USER("user"),
    /** A program. */
    SERVICE_PRINCIPAL("service principal"),
    /** Several of these, groups included. It cannot sign in. */
    GROUP("group");

    private final String noun;

    PrincipalKind(String noun) {
        this.noun = noun;
    }

    /** As people say. */
    public String noun() {
        return noun;
    }
}
