package dev.espalier.api.unitycatalog;

/** Whether a table is there. */
public record TableExistence(boolean tableExists) {}
