package dev.espalier.control.metastore;

import java.util.List;

/**
 * A function of Espalier's own that policies may use.
 *
 * @param name behind {@code system.mask.}
 * @param parameters of a mask, the first is the column
 * @param defaults how many of the last ones may be left out
 */
public record MaskFunction(String name, List<Parameter> parameters, int defaults, String description) {

    /** @param type as PostgreSQL writes it */
    public record Parameter(String name, String type) {}

    public MaskFunction {
        parameters = List.copyOf(parameters);
    }

    boolean takes(int arguments) {
        return arguments <= parameters.size() && arguments >= parameters.size() - defaults;
    }
}
