package dev.espalier.api.unitycatalog;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.control.metastore.LiveCatalog;
import dev.espalier.control.metastore.SecurableName;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** A function as the API shows it. */
public record FunctionResource(
        String name,
        String catalogName,
        String schemaName,
        String fullName,
        String owner,
        Optional<String> comment,
        InputParameters inputParams,
        String fullDataType,
        String routineBody,

        @JsonPropertyDescription("Under rules for those alone who own it, manage it or may execute it.")
        Optional<String> routineDefinition,

        String externalLanguage,
        boolean isDeterministic,
        String securityType) {

    /** What it takes. */
    public record InputParameters(List<Parameter> parameters) {}

    /** One of its parameters. */
    public record Parameter(String name, String typeText, int position) {}

    static FunctionResource of(String catalog, LiveCatalog.Function function) {
        List<LiveCatalog.Parameter> parameters = function.parameters();
        return new FunctionResource(
                function.name(),
                catalog,
                function.schema(),
                SecurableName.of(catalog, function.schema(), function.name()).toString(),
                function.owner(),
                function.comment(),
                new InputParameters(IntStream.range(0, parameters.size())
                        .mapToObj(i -> new Parameter(
                                parameters.get(i).name().orElse("$" + (i + 1)),
                                parameters.get(i).type(),
                                i))
                        .toList()),
                function.returns(),
                function.language().equals("sql") ? "SQL" : "EXTERNAL",
                Optional.of(function.body()).filter(body -> !body.isEmpty()),
                function.language(),
                !function.volatility().equals("volatile"),
                function.definer() ? "DEFINER" : "INVOKER");
    }
}
