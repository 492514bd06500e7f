package dev.espalier.control.metastore;

import dev.espalier.control.metastore.Policy.Alias;
import dev.espalier.control.metastore.Policy.Argument;
import dev.espalier.control.metastore.Policy.Constant;
import dev.espalier.control.metastore.PolicyDefinition.MatchText;
import java.util.List;
import java.util.Map;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The parts of a policy that the control database keeps as JSON. */
final class PolicyJson {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final TypeReference<List<MatchText>> MATCH = new TypeReference<>() {};
    private static final TypeReference<List<Map<String, String>>> ARGUMENTS = new TypeReference<>() {};
    private static final String ALIAS = "alias";
    private static final String CONSTANT = "constant";

    private PolicyJson() {}

    static String write(List<MatchText> match) {
        return MAPPER.writeValueAsString(match);
    }

    static List<MatchText> match(String json) {
        return MAPPER.readValue(json, MATCH);
    }

    static String writeArguments(List<Argument> arguments) {
        return MAPPER.writeValueAsString(arguments.stream()
                .map(argument -> switch (argument) {
                    case Alias(String name) -> Map.of(ALIAS, name);
                    case Constant(String value) -> Map.of(CONSTANT, value);
                })
                .toList());
    }

    static List<Argument> arguments(String json) {
        return MAPPER.readValue(json, ARGUMENTS).stream()
                .map(argument -> {
                    String alias = argument.get(ALIAS);
                    return alias == null
                            ? (Argument) new Constant(argument.getOrDefault(CONSTANT, ""))
                            : new Alias(alias);
                })
                .toList();
    }
}
