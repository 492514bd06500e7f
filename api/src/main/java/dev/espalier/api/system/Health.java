package dev.espalier.api.system;

/** That the server answers. */
public record Health(String status, String version) {}
