package dev.espalier.api.unitycatalog;

import java.util.List;

/** Tables and views, all of a schema. */
public record TableList(List<TableResource> tables) {}
