package dev.espalier.api.unitycatalog;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.api.unitycatalog.PolicyShape.ColumnMask;
import dev.espalier.api.unitycatalog.PolicyShape.MatchColumn;
import dev.espalier.api.unitycatalog.PolicyShape.RowFilter;
import dev.espalier.control.metastore.DefinedPolicy;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.PolicyDefinition;
import dev.espalier.control.metastore.SecurableType;
import java.util.List;
import java.util.Optional;

/** A policy as the API shows it. Times are milliseconds since 1970. */
public record PolicyResource(
        String id,
        String name,
        Optional<String> comment,
        SecurableType onSecurableType,
        String onSecurableFullname,
        SecurableType forSecurableType,
        PolicyShape.Type policyType,
        List<String> toPrincipals,
        List<String> exceptPrincipals,
        Optional<String> whenCondition,
        List<MatchColumn> matchColumns,
        Optional<RowFilter> rowFilter,
        Optional<ColumnMask> columnMask,
        long createdAt,
        String createdBy,
        long updatedAt,
        String updatedBy,

        @JsonPropertyDescription(
                "After a change: that it matches nothing, or that a branch could not be brought under it.")
        Optional<List<String>> warnings) {

    static PolicyResource of(DefinedPolicy policy, Optional<List<String>> warnings) {
        PolicyDefinition definition = policy.definition();
        boolean filters = definition.effect() instanceof Policy.RowFilter;
        return new PolicyResource(
                policy.id(),
                definition.name(),
                definition.comment(),
                definition.on().type(),
                definition.on().name().toString(),
                SecurableType.TABLE,
                filters ? PolicyShape.Type.POLICY_TYPE_ROW_FILTER : PolicyShape.Type.POLICY_TYPE_COLUMN_MASK,
                definition.to().stream().sorted().toList(),
                definition.except().stream().sorted().toList(),
                Optional.of(definition.when()).filter(when -> !when.equals(PolicyDefinition.ALWAYS)),
                definition.match().stream().map(MatchColumn::of).toList(),
                filters ? Optional.of(filter(definition.effect())) : Optional.empty(),
                definition.effect() instanceof Policy.ColumnMask mask ? Optional.of(mask(mask)) : Optional.empty(),
                policy.createTime().toEpochMilli(),
                policy.createdBy(),
                policy.updateTime().toEpochMilli(),
                policy.updatedBy(),
                warnings);
    }

    private static RowFilter filter(Policy.Effect effect) {
        return new RowFilter(Optional.of(effect.function()), Optional.of(PolicyShape.shown(effect.using())));
    }

    private static ColumnMask mask(Policy.ColumnMask mask) {
        return new ColumnMask(
                Optional.of(mask.function()),
                Optional.of(mask.onColumn()),
                Optional.of(PolicyShape.shown(mask.using())));
    }
}
