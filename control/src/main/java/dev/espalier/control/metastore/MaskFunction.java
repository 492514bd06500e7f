package dev.espalier.control.metastore;

import java.util.List;

/**
 * A function of Espalier's own for policies, by the name {@code system.mask.NAME}.
 *
 * @param parameters a mask's first one is the column's value
 * @param variadic whether the last parameter may be given once or more
 * @param returns PostgreSQL's name of the type of what it gives; {@code boolean} for row filters
 * @param keyed whether the same value gives the same token everywhere. Who may write a column can find out what its tokens stand
 *     for; to him it reads NULL.
 */
public record MaskFunction(
        String name, List<Parameter> parameters, boolean variadic, String returns, boolean keyed, String description) {

    public MaskFunction {
        parameters = List.copyOf(parameters);
    }

    /**
     * @param type PostgreSQL's name of it
     */
    public record Parameter(String name, String type) {}

    /** Whether it takes so many arguments, the column's value included. */
    public boolean takes(int arguments) {
        return variadic ? arguments >= parameters.size() : arguments == parameters.size();
    }

    /** The name and the parameters, as users read it. */
    public String signature() {
        StringBuilder text =
                new StringBuilder(MaskFunctions.PREFIX).append(name).append('(');
        for (int i = 0; i < parameters.size(); i++) {
            text.append(i == 0 ? "" : ", ")
                    .append(parameters.get(i).name())
                    .append(' ')
                    .append(parameters.get(i).type());
        }
        return text.append(variadic ? ", ...)" : ")").toString();
    }
}
