package dev.espalier.api.unitycatalog;

import java.util.List;

/** Functions, all of a schema. */
public record FunctionList(List<FunctionResource> functions) {}
