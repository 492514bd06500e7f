package dev.espalier.api.unitycatalog;

import java.util.List;

/** What is to be said of something that is gone: what is worth knowing of the change. */
public record Removed(List<String> warnings) {

    public Removed {
        warnings = List.copyOf(warnings);
    }
}
