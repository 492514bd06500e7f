package dev.espalier.control.metastore;

/** A thing that privileges are given on, and policies defined on. */
public record Securable(SecurableType type, SecurableName name) {}
