package dev.espalier.api.unitycatalog;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.Optional;

/** A tag that is not to be proposed for a column again. */
public record DismissedProposal(
        @JsonPropertyDescription("CATALOG.SCHEMA.TABLE.COLUMN.")
        Optional<String> entityName,

        Optional<String> tagKey,
        Optional<String> tagValue) {}
