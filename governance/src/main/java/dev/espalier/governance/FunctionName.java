package dev.espalier.governance;

import dev.espalier.control.metastore.MaskFunctions;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Name of a function of the user's own, as a policy has it: {@code catalog.schema.function}. */
record FunctionName(String schema, String name) {

    private static final Pattern DOT = Pattern.compile("\\.");
    private static final int PARTS = 3;

    /** Empty for a function of Espalier's own, and for what is no full name. */
    static Optional<FunctionName> parse(String fullName) {
        if (fullName.startsWith(MaskFunctions.PREFIX)) {
            return Optional.empty();
        }
        List<String> parts = DOT.splitAsStream(fullName).toList();
        return parts.size() == PARTS ? Optional.of(new FunctionName(parts.get(1), parts.get(2))) : Optional.empty();
    }
}
