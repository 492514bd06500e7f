package dev.espalier.api.unitycatalog;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.PolicyDefinition;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.util.List;
import java.util.Optional;

/** The parts of a policy that are written and read in the same shape. */
final class PolicyShape {

    private PolicyShape() {}

    /** What a policy does. */
    public enum Type {
        POLICY_TYPE_ROW_FILTER("row_filter"),
        POLICY_TYPE_COLUMN_MASK("column_mask");

        private final String field;

        Type(String field) {
            this.field = field;
        }

        static Type of(Policy.Effect effect) {
            return switch (effect) {
                case Policy.RowFilter _ -> POLICY_TYPE_ROW_FILTER;
                case Policy.ColumnMask _ -> POLICY_TYPE_COLUMN_MASK;
            };
        }

        /** The field of a policy that says what it does. */
        String field() {
            return field;
        }
    }

    /** Columns that a policy needs. */
    public record MatchColumn(
            @JsonPropertyDescription("What the policy calls such a column; not needed where nothing refers to it.")
            Optional<String> alias,

            @JsonPropertyDescription(
                    "On the column's tags: has_tag('key'), has_tag_value('key', 'value'), AND, OR, NOT, TRUE.")
            Optional<String> condition) {

        PolicyDefinition.MatchText text() {
            return new PolicyDefinition.MatchText(
                    alias.orElse(Policy.Match.UNNAMED),
                    UnityCatalog.required(condition, "condition of an entry of match_columns"));
        }

        static MatchColumn of(PolicyDefinition.MatchText text) {
            return new MatchColumn(
                    Optional.of(text.alias()).filter(alias -> !alias.equals(Policy.Match.UNNAMED)),
                    Optional.of(text.condition()));
        }
    }

    /** An argument of a function: a column by its alias, or a constant. */
    public record Argument(Optional<String> alias, Optional<String> constant) {

        Policy.Argument argument() {
            if (alias.isPresent() == constant.isPresent()) {
                throw new ControlException(
                        Code.INVALID_PARAMETER_VALUE,
                        "an entry of using has neither alias nor constant, or both. Give one of them.");
            }
            return alias.isPresent() ? new Policy.Alias(alias.get()) : new Policy.Constant(constant.orElseThrow());
        }

        static Argument of(Policy.Argument argument) {
            return switch (argument) {
                case Policy.Alias(String name) -> new Argument(Optional.of(name), Optional.empty());
                case Policy.Constant(String value) -> new Argument(Optional.empty(), Optional.of(value));
            };
        }
    }

    /** Keeps the rows for which a function is true. */
    public record RowFilter(Optional<String> functionName, Optional<List<Argument>> using) {

        /** @param before what is not given is as there */
        Policy.RowFilter effect(Optional<Policy.RowFilter> before) {
            return new Policy.RowFilter(
                    UnityCatalog.required(
                            functionName.or(() -> before.map(Policy.RowFilter::function)), "row_filter.function_name"),
                    arguments(using, before.map(Policy.RowFilter::using)));
        }
    }

    /** Shows a function's value instead of a column's. */
    public record ColumnMask(
            @JsonPropertyDescription("system.mask.NAME, or a function of the catalog by its full name.")
            Optional<String> functionName,

            @JsonPropertyDescription("Alias of the columns to mask.")
            Optional<String> onColumn,

            @JsonPropertyDescription("What the function is passed behind the column.")
            Optional<List<Argument>> using) {

        /** @param before what is not given is as there */
        Policy.ColumnMask effect(Optional<Policy.ColumnMask> before) {
            return new Policy.ColumnMask(
                    UnityCatalog.required(
                            functionName.or(() -> before.map(Policy.ColumnMask::function)),
                            "column_mask.function_name"),
                    UnityCatalog.required(
                            onColumn.or(() -> before.map(Policy.ColumnMask::onColumn)), "column_mask.on_column"),
                    arguments(using, before.map(Policy.ColumnMask::using)));
        }
    }

    private static List<Policy.Argument> arguments(
            Optional<List<Argument>> using, Optional<List<Policy.Argument>> before) {
        return using.map(given -> given.stream().map(Argument::argument).toList())
                .or(() -> before)
                .orElse(List.of());
    }

    /** None at all where there are none. */
    static Optional<List<Argument>> shown(List<Policy.Argument> arguments) {
        return UnityCatalog.unlessEmpty(arguments.stream().map(Argument::of).toList());
    }
}
