package dev.espalier.control.metastore;

/** What a principal may do with a governed tag, whatever it is assigned to. */
public enum TagPrivilege {
    /** Change the tag, remove it, say who has these privileges on it, and assign it. Who makes a tag has it. */
    MANAGE,
    /** Assign the tag, give it another value and take it away, where he may tag. */
    ASSIGN;

    boolean includes(TagPrivilege other) {
        return this == other || this == MANAGE;
    }
}
