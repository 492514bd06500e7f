package dev.espalier.api.unitycatalog;

import dev.espalier.api.unitycatalog.PolicyShape.ColumnMask;
import dev.espalier.api.unitycatalog.PolicyShape.MatchColumn;
import dev.espalier.api.unitycatalog.PolicyShape.RowFilter;
import dev.espalier.api.wire.UpdateMask;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.PolicyDefinition;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A policy as a client sends it. */
public record PolicyRequest(
        Optional<String> name,
        Optional<String> comment,
        Optional<String> onSecurableType,
        Optional<String> onSecurableFullname,
        Optional<String> forSecurableType,
        Optional<PolicyShape.Type> policyType,
        Optional<List<String>> toPrincipals,
        Optional<List<String>> exceptPrincipals,
        Optional<String> whenCondition,
        Optional<List<MatchColumn>> matchColumns,
        Optional<RowFilter> rowFilter,
        Optional<ColumnMask> columnMask) {

    private static final String ROW_FILTER = "row_filter";
    private static final String COLUMN_MASK = "column_mask";
    private static final String POLICY_TYPE = "policy_type";

    static final UpdateMask.Fields FIELDS = new UpdateMask.Fields(
            List.of(
                    "name",
                    "comment",
                    "to_principals",
                    "except_principals",
                    "when_condition",
                    "match_columns",
                    ROW_FILTER,
                    COLUMN_MASK,
                    POLICY_TYPE,
                    "for_securable_type",
                    "on_securable_type",
                    "on_securable_fullname"),
            Map.of());

    PolicyDefinition definition() {
        checkTarget();
        return new PolicyDefinition(
                UnityCatalog.required(name, "name"),
                comment,
                UnityCatalog.securable(
                        UnityCatalog.required(onSecurableType, "on_securable_type"),
                        UnityCatalog.required(onSecurableFullname, "on_securable_fullname")),
                Set.copyOf(UnityCatalog.required(toPrincipals, "to_principals")),
                exceptPrincipals.map(Set::copyOf).orElse(Set.of()),
                whenCondition.orElse(PolicyDefinition.ALWAYS),
                matchColumns.orElse(List.of()).stream().map(MatchColumn::text).toList(),
                effect(rowFilter, columnMask, Optional.empty())
                        .map(effect -> agreeing(policyType, effect))
                        .orElseThrow(() -> wrong("row_filter and column_mask are missing. Give one of them.")));
    }

    /** The policy with what this changes. */
    PolicyDefinition applied(PolicyDefinition before, UpdateMask mask) {
        checkTarget();
        Securable on = onSecurableFullname
                .map(fullName -> UnityCatalog.securable(
                        onSecurableType.orElse(before.on().type().name()), fullName))
                .orElse(before.on());
        return new PolicyDefinition(
                mask.value("name", name).orElse(before.name()),
                mask.value("comment", comment, "").or(before::comment).filter(text -> !text.isEmpty()),
                on,
                mask.value("to_principals", toPrincipals).map(Set::copyOf).orElse(before.to()),
                mask.value("except_principals", exceptPrincipals, List.of())
                        .map(Set::copyOf)
                        .orElse(before.except()),
                mask.value("when_condition", whenCondition, PolicyDefinition.ALWAYS)
                        .orElse(before.when()),
                mask.value("match_columns", matchColumns, List.of())
                        .map(all -> all.stream().map(MatchColumn::text).toList())
                        .orElse(before.match()),
                changedEffect(mask, before.effect())
                        .map(effect -> agreeing(policyType, effect))
                        .orElseGet(() -> agreeing(mask.value(POLICY_TYPE, policyType), before.effect())));
    }

    /**
     * Who names both effects in the mask, as Terraform does of every policy, gives the one that it is to have. An effect that the mask
     * names is given whole; of another one that is given, what is not stays.
     */
    private Optional<Policy.Effect> changedEffect(UpdateMask mask, Policy.Effect before) {
        boolean filterNamed = mask.names(ROW_FILTER);
        boolean maskNamed = mask.names(COLUMN_MASK);
        if (filterNamed && maskNamed && rowFilter.isPresent() != columnMask.isPresent()) {
            return effect(rowFilter, columnMask, Optional.empty());
        }
        return effect(
                mask.value(ROW_FILTER, rowFilter),
                mask.value(COLUMN_MASK, columnMask),
                filterNamed || maskNamed ? Optional.empty() : Optional.of(before));
    }

    private void checkTarget() {
        forSecurableType
                .filter(type -> !type.equalsIgnoreCase(SecurableType.TABLE.name()))
                .ifPresent(type -> {
                    throw wrong("for_securable_type " + type + " is not possible: policies are for TABLE.");
                });
    }

    /** @param before has what is not given */
    private static Optional<Policy.Effect> effect(
            Optional<RowFilter> filter, Optional<ColumnMask> mask, Optional<Policy.Effect> before) {
        if (filter.isPresent() && mask.isPresent()) {
            throw wrong("row_filter and column_mask are both given. Give one of them.");
        }
        return filter.<Policy.Effect>map(given -> given.effect(only(Policy.RowFilter.class, before)))
                .or(() -> mask.map(given -> given.effect(only(Policy.ColumnMask.class, before))));
    }

    private static <T extends Policy.Effect> Optional<T> only(Class<T> kind, Optional<Policy.Effect> effect) {
        return effect.filter(kind::isInstance).map(kind::cast);
    }

    /** A type that is given says again what the policy does. */
    private static Policy.Effect agreeing(Optional<PolicyShape.Type> type, Policy.Effect effect) {
        PolicyShape.Type is = PolicyShape.Type.of(effect);
        type.filter(given -> given != is).ifPresent(given -> {
            throw wrong("policy_type is " + given + ", and what the policy does is a " + is.field() + ". Give "
                    + given.field() + ", or let policy_type be " + is + ".");
        });
        return effect;
    }

    private static ControlException wrong(String message) {
        return new ControlException(Code.INVALID_PARAMETER_VALUE, message);
    }
}
