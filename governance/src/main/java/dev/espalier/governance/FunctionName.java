package dev.espalier.governance;

import dev.espalier.control.metastore.MaskFunctions;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableNames;
import java.util.Optional;

/** Name of a function of the user's own in one database. */
record FunctionName(String schema, String name) {

    /** Of what a policy names in the catalog; empty for a function of Espalier's own, one of another catalog's, and what is no full name. */
    static Optional<FunctionName> parse(String catalog, String fullName) {
        if (fullName.startsWith(MaskFunctions.PREFIX)) {
            return Optional.empty();
        }
        return SecurableNames.function(fullName)
                .filter(function -> function.catalog().equals(catalog))
                .map(FunctionName::of);
    }

    private static FunctionName of(SecurableName function) {
        return new FunctionName(
                function.schema().orElseThrow(), function.object().orElseThrow());
    }
}
