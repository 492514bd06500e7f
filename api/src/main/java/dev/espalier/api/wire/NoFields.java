package dev.espalier.api.wire;

/** The body of a method that needs nothing more than its path: {@code {}} or none at all. */
public record NoFields() {}
