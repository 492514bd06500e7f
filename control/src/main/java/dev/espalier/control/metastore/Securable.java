package dev.espalier.control.metastore;

/** A thing that privileges are given on, and policies defined on. */
public record Securable(SecurableType type, SecurableName name) {

    /** Whether the other lies in this. A table and a function of the same name are two. */
    boolean isAbove(Securable other) {
        return !name.equals(other.name) && name.covers(other.name);
    }
}
