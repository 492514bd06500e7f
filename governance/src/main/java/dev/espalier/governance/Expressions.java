package dev.espalier.governance;

import dev.espalier.control.metastore.MaskFunction;
import dev.espalier.control.metastore.MaskFunctions;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.Policy.Alias;
import dev.espalier.control.metastore.Policy.Argument;
import dev.espalier.control.metastore.Policy.Constant;
import dev.espalier.governance.Matches.Applied;
import dev.espalier.governance.Snapshot.Column;
import dev.espalier.governance.Snapshot.Function;
import dev.espalier.governance.Snapshot.Parameter;
import dev.espalier.governance.Snapshot.Relation;
import dev.espalier.postgres.Identifiers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Writes a policy's function call as SQL, with columns by their numbers in braces. */
final class Expressions {

    /**
     * A bracket in a constant, by which it could have parts that are checked by code of users when it becomes a value. If its type is not PostgreSQL's
     * own, it becomes one where rows are read, and not where the superuser says it: by then the type's name could be another's.
     */
    private static final Pattern MAYBE_PARTS = Pattern.compile("[\\[(]|\\\\x7b");

    /** How expressions name a column. */
    private static final Pattern COLUMN = Pattern.compile("\\{([0-9]+)\\}");

    private static final String KEY =
            "(SELECT k.inner_pad FROM espalier_secret.key k), (SELECT k.outer_pad FROM espalier_secret.key k)";

    private final String catalog;
    private final Map<FunctionName, List<Function>> functions = new HashMap<>();

    Expressions(String catalog, Snapshot snapshot) {
        this.catalog = catalog;
        for (Function function : snapshot.functions()) {
            functions
                    .computeIfAbsent(new FunctionName(function.schema(), function.name()), name -> new ArrayList<>())
                    .add(function);
        }
    }

    /** What a call came to. */
    sealed interface Call {}

    /**
     * @param keyed whether it gives tokens that a writer could find the values of
     * @param needs function that must be granted; 0 for none
     */
    record Sql(String text, boolean keyed, long needs) implements Call {}

    /** @param why as the end of a sentence */
    record Refused(String why) implements Call {}

    /** A mask of one column. */
    Call mask(Policy.ColumnMask effect, Column column, Applied applied) {
        if (effect.function().equals(MaskFunctions.PREFIX + "null")) {
            return new Sql("NULL", false, 0);
        }
        return call(effect, column, applied);
    }

    /** A condition on rows. */
    Call filter(Policy.RowFilter effect, Applied applied) {
        return call(effect, null, applied);
    }

    private Call call(Policy.Effect effect, @org.jspecify.annotations.Nullable Column masked, Applied applied) {
        if (!applied.lacking().isEmpty()) {
            return new Refused("the column that the rules know for " + String.join(", ", applied.lacking())
                    + " is not there. Tag what it is now, or take the tag of that name away");
        }
        List<Value> values = new ArrayList<>();
        if (masked != null) {
            values.add(new Value("{" + masked.number() + "}", masked.type(), masked.category()));
        }
        for (Argument argument : effect.using()) {
            switch (argument) {
                case Constant constant -> {
                    if (constant.value().indexOf('\0') >= 0) {
                        return new Refused("a constant holds the character NUL");
                    }
                    values.add(new Value(literal(constant.value()), "", ""));
                }
                case Alias alias -> {
                    List<Column> columns = applied.aliases().getOrDefault(alias.name(), List.of());
                    if (columns.size() != 1) {
                        return new Refused("its column " + alias.name() + " stands for "
                                + (columns.isEmpty() ? "none" : columns.size() + " columns: " + namesOf(columns)));
                    }
                    Column column = columns.getFirst();
                    values.add(new Value("{" + column.number() + "}", column.type(), column.category()));
                }
            }
        }
        return MaskLibrary.find(effect.function())
                .map(function -> library(function, values, masked))
                .orElseGet(() -> user(effect.function(), values, masked));
    }

    /** @param type empty for a constant, which is of any */
    private record Value(String sql, String type, String category) {}

    private static Call library(
            MaskFunction function, List<Value> values, @org.jspecify.annotations.Nullable Column masked) {
        if (!function.takes(values.size())) {
            return new Refused(function.signature() + " takes other arguments");
        }
        StringBuilder sql =
                new StringBuilder("espalier_mask.").append(function.name()).append('(');
        if (function.keyed()) {
            sql.append(KEY).append(", ");
        }
        for (int i = 0; i < values.size(); i++) {
            String type = function.parameters()
                    .get(Math.min(i, function.parameters().size() - 1))
                    .type();
            Value value = values.get(i);
            if (!TypeRules.libraryTakes(type, value.type(), value.category())) {
                return new Refused(function.signature() + " does not take a " + value.type()
                        + (type.equals("text") ? ", whose text could depend on settings of whoever reads it" : ""));
            }
            sql.append(i == 0 ? "" : ", ").append(cast(value, type));
        }
        sql.append(')');
        return fitting(
                sql.toString(),
                function.keyed(),
                0,
                function.returns(),
                "text".equals(function.returns()) ? TypeRules.TEXT : "",
                masked);
    }

    /** The expression with the other relation's columns of the same names; empty if it lacks one. */
    static Optional<String> moved(String sql, Relation from, Relation to) {
        Matcher columns = COLUMN.matcher(sql);
        StringBuilder moved = new StringBuilder();
        while (columns.find()) {
            String name = from.column(Integer.parseInt(columns.group(1))).name();
            Optional<Column> there = to.columns().stream()
                    .filter(column -> column.name().equals(name))
                    .findFirst();
            if (there.isEmpty()) {
                return Optional.empty();
            }
            columns.appendReplacement(moved, "{" + there.get().number() + "}");
        }
        return Optional.of(columns.appendTail(moved).toString());
    }

    /**
     * A cast that cannot fail, and comes to the same whatever settings the reader has chosen: he could tell values apart by them, or turn a
     * filter off. Of json, jsonb takes not every text, and the error would show it.
     */
    private static String cast(Value value, String type) {
        String sql = value.sql();
        return switch (type) {
            case "jsonb" ->
                value.type().equals("json") ? "espalier_mask.json_read(" + sql + "::text)" : sql + "::jsonb";
            case "date" -> (value.type().equals(TypeRules.INSTANT) ? utc(sql) : sql) + "::date";
            case "text" -> text(sql, value.type());
            default -> sql + "::" + type;
        };
    }

    /** Dates as PostgreSQL writes them with DateStyle ISO, in UTC: JSON has one way to write them, which differs by a letter. */
    private static String text(String sql, String type) {
        return switch (type) {
            case TypeRules.DATE -> written(sql);
            case TypeRules.TIMESTAMP -> "pg_catalog.replace(" + written(sql) + ", 'T'::text, ' '::text)";
            case TypeRules.INSTANT ->
                "pg_catalog.regexp_replace(" + written(utc(sql)) + ", 'T([0-9:.]+)'::text, E' \\\\1+00'::text)";
            default -> sql + "::text";
        };
    }

    private static String written(String sql) {
        return "pg_catalog.btrim(pg_catalog.to_json(" + sql + ")::text, '\"'::text)";
    }

    private static String utc(String sql) {
        return "(" + sql + " AT TIME ZONE 'UTC')";
    }

    private Call user(String fullName, List<Value> values, @org.jspecify.annotations.Nullable Column masked) {
        FunctionName name = FunctionName.parse(catalog, fullName).orElse(null);
        if (name == null) {
            return new Refused("there is no function " + fullName + ". Name one of " + catalog + ", or of "
                    + MaskFunctions.PREFIX + "*");
        }
        if (fullName.indexOf('{') >= 0 || fullName.indexOf('}') >= 0) {
            return new Refused("the name " + fullName + " has a brace in it");
        }
        List<Function> all = functions.getOrDefault(name, List.of());
        if (all.isEmpty()) {
            return new Refused("there is no function " + fullName + " in this database");
        }
        Call refused = new Refused("no function " + fullName + " takes what it is given");
        for (Function function : all) {
            int count = function.parameters().size();
            if (values.size() > count || values.size() < count - function.optional()) {
                continue;
            }
            if (!function.unfit().isEmpty()) {
                refused = new Refused(fullName + " cannot be used: " + function.unfit());
                continue;
            }
            boolean takes = true;
            StringBuilder sql = new StringBuilder(Identifiers.quoted(name.schema()))
                    .append('.')
                    .append(Identifiers.quoted(name.name()))
                    .append('(');
            for (int i = 0; i < values.size(); i++) {
                Parameter parameter = function.parameters().get(i);
                Value value = values.get(i);
                boolean constant = value.type().isEmpty();
                takes &= constant || TypeRules.takes(parameter, value.type(), value.category());
                if (constant && !TypeRules.takesConstants(parameter)) {
                    takes = false;
                    refused = new Refused(fullName + " would be given a constant of the type " + parameter.type()
                            + ", and constants are of PostgreSQL's own types, texts or enums");
                }
                sql.append(i == 0 ? "" : ", ")
                        .append(value.sql())
                        .append(
                                constant
                                                && TypeRules.isUsers(parameter)
                                                && MAYBE_PARTS
                                                        .matcher(value.sql())
                                                        .find()
                                        ? "::text::"
                                        : "::")
                        .append(parameter.type());
            }
            if (takes) {
                return fitting(
                        sql.append(')').toString(),
                        false,
                        function.open() ? 0 : function.id(),
                        function.returns(),
                        function.returnsCategory(),
                        masked);
            }
        }
        return refused;
    }

    /** A mask's value must be one of the column's without an error for any value; a filter's, a truth value. */
    private static Call fitting(
            String sql,
            boolean keyed,
            long needs,
            String type,
            String category,
            @org.jspecify.annotations.Nullable Column masked) {
        boolean fits = masked == null ? type.equals("boolean") : TypeRules.isShownBy(masked, type, category);
        if (fits && masked != null && type.equals("numeric") && TypeRules.FLOATS.contains(masked.type())) {
            sql = "espalier_mask.as_float(" + sql + ")";
        } else if (fits
                && masked != null
                && type.equals(TypeRules.DATE)
                && masked.type().equals(TypeRules.INSTANT)) {
            sql = utc(sql + "::timestamp");
        }
        return fits
                ? new Sql(sql, keyed, needs)
                : new Refused("it gives a " + type + ", and "
                        + (masked == null ? "a row filter is a boolean" : masked.name() + " is a " + masked.type()));
    }

    private static String namesOf(List<Column> columns) {
        return String.join(", ", columns.stream().map(Column::name).toList());
    }

    /** Without a brace, which would stand for a column. */
    private static String literal(String value) {
        return "E'"
                + value.replace("\\", "\\\\")
                        .replace("'", "\\'")
                        .replace("{", "\\x7b")
                        .replace("}", "\\x7d")
                + "'";
    }
}
