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
                    "policy_type",
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
                effect(rowFilter, columnMask)
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
                changedEffect(mask).orElse(before.effect()));
    }

    /** Who names both effects in the mask, as Terraform does of every policy, gives the one that it is to have. */
    private Optional<Policy.Effect> changedEffect(UpdateMask mask) {
        boolean oneOfBoth =
                mask.names(ROW_FILTER) && mask.names(COLUMN_MASK) && rowFilter.isPresent() != columnMask.isPresent();
        return oneOfBoth
                ? effect(rowFilter, columnMask)
                : effect(mask.value(ROW_FILTER, rowFilter), mask.value(COLUMN_MASK, columnMask));
    }

    private void checkTarget() {
        forSecurableType
                .filter(type -> !type.equalsIgnoreCase(SecurableType.TABLE.name()))
                .ifPresent(type -> {
                    throw wrong("for_securable_type " + type + " is not possible: policies are for TABLE.");
                });
    }

    private Optional<Policy.Effect> effect(Optional<RowFilter> filter, Optional<ColumnMask> mask) {
        if (filter.isPresent() && mask.isPresent()) {
            throw wrong("row_filter and column_mask are both given. Give one of them.");
        }
        boolean agrees = policyType.isEmpty()
                || (filter.isEmpty() && mask.isEmpty())
                || (policyType.get() == PolicyShape.Type.POLICY_TYPE_ROW_FILTER) == filter.isPresent();
        if (!agrees) {
            throw wrong("policy_type is " + policyType.get() + ", and "
                    + (filter.isPresent() ? "row_filter" : "column_mask") + " is given. Let them agree.");
        }
        return filter.map(RowFilter::effect).or(() -> mask.map(ColumnMask::effect));
    }

    private static ControlException wrong(String message) {
        return new ControlException(Code.INVALID_PARAMETER_VALUE, message);
    }
}
