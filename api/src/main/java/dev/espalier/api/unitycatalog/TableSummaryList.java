package dev.espalier.api.unitycatalog;

import java.util.List;

/** Tables and views of a catalog, with little of each. */
public record TableSummaryList(List<Summary> tables) {

    /** One of them. */
    public record Summary(String fullName, String tableType) {}
}
