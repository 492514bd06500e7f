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
        Optional<List<String>> exceptPrincipals,
        Optional<String> whenCondition,
        Optional<List<MatchColumn>> matchColumns,
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
        return new PolicyResource(
                policy.id(),
                definition.name(),
                definition.comment(),
                definition.on().type(),
                definition.on().name().toString(),
                SecurableType.TABLE,
                PolicyShape.Type.of(definition.effect()),
                definition.to().stream().sorted().toList(),
                UnityCatalog.unlessEmpty(definition.except().stream().sorted().toList()),
                Optional.of(definition.when()).filter(when -> !when.equals(PolicyDefinition.ALWAYS)),
                UnityCatalog.unlessEmpty(
                        definition.match().stream().map(MatchColumn::of).toList()),
                definition.effect() instanceof Policy.RowFilter filter ? Optional.of(filter(filter)) : Optional.empty(),
                definition.effect() instanceof Policy.ColumnMask mask ? Optional.of(mask(mask)) : Optional.empty(),
                policy.createTime().toEpochMilli(),
                policy.createdBy(),
                policy.updateTime().toEpochMilli(),
                policy.updatedBy(),
                warnings);
    }

    private static RowFilter filter(Policy.RowFilter filter) {
        return new RowFilter(Optional.of(filter.function()), PolicyShape.shown(filter.using()));
    }

    private static ColumnMask mask(Policy.ColumnMask mask) {
        return new ColumnMask(
                Optional.of(mask.function()), Optional.of(mask.onColumn()), PolicyShape.shown(mask.using()));
    }
}
