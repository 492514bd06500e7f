package dev.espalier.control.metastore;

import dev.espalier.control.metastore.Reach.Hit;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Refuses masks on columns whose type cannot show what they give, or that they do not take. That goes by the columns that are on the
 * default branch now; one that comes later, or is tagged later, reads NULL there, with a warning.
 */
final class MaskTypes {

    /** Masks columns of all types. */
    private static final String NULL = MaskFunctions.PREFIX + "null";

    private final Map<String, MaskFunction> functions;

    MaskTypes(MaskFunctions library) {
        this.functions = library.functions().stream()
                .collect(Collectors.toMap(function -> MaskFunctions.PREFIX + function.name(), function -> function));
    }

    /**
     * Refuses what a change would mask so that was not before.
     *
     * @param concerned the policies that are looked at
     */
    void refuse(Changes.Step step, LiveCatalog live, Predicate<Policy> concerned) {
        Rules rules = step.after();
        Columns columns = new Columns().and(rules.catalog(), live);
        Map<ColumnName, String> types = new HashMap<>();
        live.tables()
                .forEach(table -> table.columns()
                        .forEach(column -> types.put(
                                new ColumnName(rules.catalog(), table.schema(), table.name(), column.name()),
                                column.type())));
        Set<Masked> before =
                hits(step.before(), columns, concerned).map(Masked::of).collect(Collectors.toSet());
        hits(rules, columns, concerned)
                .filter(hit -> !before.contains(Masked.of(hit)))
                .forEach(hit -> refuse(hit, types, live));
    }

    /** What tells two masks of a column apart. */
    private record Masked(String policyId, String function, String where) {

        static Masked of(Hit hit) {
            return new Masked(hit.policy().id(), hit.policy().effect().function(), hit.where());
        }
    }

    private static Stream<Hit> hits(Rules rules, Columns columns, Predicate<Policy> concerned) {
        Reach reach = new Reach(rules);
        return rules.policies().stream()
                .filter(concerned)
                .filter(policy -> !policy.effect().function().equals(NULL))
                .flatMap(policy -> reach.of(policy, columns).stream());
    }

    private void refuse(Hit hit, Map<ColumnName, String> types, LiveCatalog live) {
        if (hit.column().isEmpty()) {
            return;
        }
        SecurableName table = hit.table();
        String type = types.get(ColumnName.in(table, hit.column().get()));
        if (type == null) {
            return;
        }
        MaskFunction function = functions.get(hit.policy().effect().function());
        if (function == null) {
            refuseOwn(hit, type, live);
        } else if (ColumnTypes.cannotShow(function.returns(), type)) {
            throw refusal(hit, type, function.signature() + ", which gives " + function.returns(), function.returns());
        }
    }

    /** Of several functions of the name a branch takes the one for the column's type. */
    private static void refuseOwn(Hit hit, String type, LiveCatalog live) {
        Policy.Effect effect = hit.policy().effect();
        Securable name = SecurableNames.parse(SecurableType.FUNCTION, effect.function());
        List<LiveCatalog.Function> masks =
                PolicyCheck.masks(live, name, effect.using().size() + 1);
        boolean none = masks.stream()
                .allMatch(mask ->
                        ColumnTypes.cannotShow(mask.parameters().getFirst().type(), type)
                                || ColumnTypes.cannotShow(mask.returns(), type));
        if (none && !masks.isEmpty()) {
            String all = masks.stream()
                    .map(mask -> "takes " + mask.parameters().getFirst().type() + " and gives " + mask.returns())
                    .collect(Collectors.joining(", or "));
            throw refusal(
                    hit,
                    type,
                    effect.function() + ", which " + all,
                    masks.getFirst().returns());
        }
    }

    private static ControlException refusal(Hit hit, String type, String mask, String gives) {
        return new ControlException(
                Code.INVALID_PARAMETER_VALUE,
                "the policy " + hit.policy().name() + " would mask " + hit.where() + ", which is of type " + type
                        + ", by " + mask
                        + ". Use a mask for columns of that type, or " + NULL + ", or let the policy not match it.",
                "MASK_OF_ANOTHER_TYPE",
                Map.of("column", hit.where(), "column_type", type, "mask_type", gives));
    }
}
