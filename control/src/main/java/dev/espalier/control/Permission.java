package dev.espalier.control;

/** What a principal may do with a project. */
public enum Permission {
    /** See it and connect to its branches, with what is granted to his role there. */
    CAN_USE,
    /** Everything: make and delete branches, and everything on them that a user can do. */
    CAN_MANAGE;

    /** Whether who has this one has the other, too. */
    public boolean includes(Permission other) {
        return compareTo(other) >= 0;
    }
}
