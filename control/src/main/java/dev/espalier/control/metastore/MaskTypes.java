package dev.espalier.control.metastore;

import dev.espalier.control.ControlException;
import dev.espalier.control.ControlException.Code;
import dev.espalier.control.metastore.Reach.Hit;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Refuses masks of the library on columns whose type cannot show what they give. That goes by the columns that are on the default branch now;
 * one that comes later, or is tagged later, reads NULL there, with a warning.
 */
final class MaskTypes {

    /** Masks columns of all types. */
    private static final String NULL = MaskFunctions.PREFIX + "null";

    private final Map<String, MaskFunction> functions;

    MaskTypes(MaskFunctions library) {
        this.functions = library.functions().stream()
                .collect(Collectors.toMap(function -> MaskFunctions.PREFIX + function.name(), function -> function));
    }

    /** @param concerned the policies that are looked at */
    void refuse(Rules rules, LiveCatalog live, Predicate<Policy> concerned) {
        Columns columns = new Columns().and(rules.catalog(), live);
        Map<ColumnName, String> types = new HashMap<>();
        live.tables()
                .forEach(table -> table.columns()
                        .forEach(column -> types.put(
                                new ColumnName(rules.catalog(), table.schema(), table.name(), column.name()),
                                column.type())));
        Reach reach = new Reach(rules);
        rules.policies().stream()
                .filter(concerned)
                .filter(policy -> !policy.effect().function().equals(NULL))
                .flatMap(policy -> reach.of(policy, columns).stream())
                .forEach(hit -> refuse(hit, types));
    }

    private void refuse(Hit hit, Map<ColumnName, String> types) {
        MaskFunction function = functions.get(hit.policy().effect().function());
        if (function == null || hit.column().isEmpty()) {
            return;
        }
        SecurableName table = hit.table();
        String type = types.get(new ColumnName(
                table.catalog(),
                SecurableNames.schema(table),
                SecurableNames.object(table),
                hit.column().get()));
        if (type != null && ColumnTypes.cannotShow(function.returns(), type)) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "the policy " + hit.policy().name() + " would mask " + hit.where() + ", which is of type " + type
                            + ", by "
                            + function.signature() + ", which gives " + function.returns()
                            + ". Use a mask for columns of that type, or " + NULL + ", or let the policy not match it.",
                    "MASK_OF_ANOTHER_TYPE",
                    Map.of("column", hit.where(), "column_type", type, "mask_type", function.returns()));
        }
    }
}
