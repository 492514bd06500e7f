package dev.espalier.control.request;

/** A key and a value that a user has put on a project. */
public record Tag(String key, String value) {}
