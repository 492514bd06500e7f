package dev.espalier.control.metastore;

import java.util.List;

/**
 * A function of Espalier's own that policies may use.
 *
 * @param name behind {@code system.mask.}
 * @param parameters of a mask, the first is the column
 * @param variadic whether the last parameter may be given once or more
 * @param returns as PostgreSQL writes the type; {@code boolean} for row filters
 */
public record MaskFunction(
        String name, List<Parameter> parameters, boolean variadic, String returns, String description) {

    private static final String FILTER = "boolean";

    /** @param type as PostgreSQL writes it */
    public record Parameter(String name, String type) {}

    public MaskFunction {
        parameters = List.copyOf(parameters);
    }

    boolean takes(int arguments) {
        return variadic ? arguments >= parameters.size() : arguments == parameters.size();
    }

    /** Whether it tells rows from each other; what does not masks values. */
    boolean filters() {
        return returns.equals(FILTER);
    }
}
