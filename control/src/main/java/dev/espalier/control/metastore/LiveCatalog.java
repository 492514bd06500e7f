package dev.espalier.control.metastore;

import java.util.List;
import java.util.Optional;

/**
 * What lies in a catalog: in its database on the default branch of its project, now.
 *
 * @param functions plain ones of users, which policies can use and the catalog shows
 * @param routines all that goes by a function's name, procedures, aggregates and what extensions bring among them
 * @param renamed columns with another name, or of tables with another name, than when the rules saw them first
 * @param holders of the names of schemas and tables
 */
public record LiveCatalog(
        List<Schema> schemas,
        List<Table> tables,
        List<Function> functions,
        List<Routine> routines,
        List<Renamed> renamed,
        NameHolders holders) {

    /** What a table is. */
    public enum Kind {
        TABLE,
        VIEW,
        MATERIALIZED_VIEW,
        FOREIGN_TABLE
    }

    /** @param owner name of the role */
    public record Schema(String name, String owner, Optional<String> comment) {}

    /** A table or view. */
    public record Table(
            String schema, String name, Kind kind, String owner, Optional<String> comment, List<Column> columns) {

        public Table {
            columns = List.copyOf(columns);
        }
    }

    /**
     * A column.
     *
     * @param type as PostgreSQL writes it
     * @param position counted from 1
     */
    public record Column(String name, int position, String type, boolean nullable, Optional<String> comment) {}

    /** Where a column is. */
    public record ColumnRef(String schema, String table, String column) {}

    /** Where a column was first seen, and where it is. */
    public record Renamed(ColumnRef first, ColumnRef now) {}

    /** An argument of a function. */
    public record Parameter(Optional<String> name, String type) {}

    /**
     * A function.
     *
     * @param parameters those that go in
     * @param defaults how many of the last ones may be left out
     * @param volatility PostgreSQL's word: immutable, stable or volatile
     * @param definer whether it runs with its owner's rights
     * @param bound whether the names in it mean the same for every caller: it has a parsed body or a search path of its own
     * @param open whether everybody may call it who may use its schema, as PostgreSQL has it
     * @param raises whether it, or what it is known to call, says something by itself: RAISE or ASSERT in PL/pgSQL, or a text of more than 1 MB
     * @param body its source; empty for those who may not see it, and where it is longer than 1 MB
     */
    public record Function(
            String schema,
            String name,
            String owner,
            Optional<String> comment,
            List<Parameter> parameters,
            int defaults,
            String returns,
            String language,
            String volatility,
            boolean definer,
            boolean bound,
            boolean open,
            boolean raises,
            String body) {

        public Function {
            parameters = List.copyOf(parameters);
        }

        /** The same for those who may not see what it does. */
        Function withoutBody() {
            return new Function(
                    schema,
                    name,
                    owner,
                    comment,
                    parameters,
                    defaults,
                    returns,
                    language,
                    volatility,
                    definer,
                    bound,
                    open,
                    raises,
                    "");
        }

        boolean takes(int arguments) {
            return arguments <= parameters.size() && arguments >= parameters.size() - defaults;
        }
    }

    /**
     * Something that privileges on functions are given for.
     *
     * @param ofExtension whether an extension brings it
     */
    public record Routine(String schema, String name, String owner, boolean ofExtension) {}

    /** What is in a database that is not there. */
    public static final LiveCatalog EMPTY =
            new LiveCatalog(List.of(), List.of(), List.of(), List.of(), List.of(), NameHolders.NONE);

    public LiveCatalog {
        schemas = List.copyOf(schemas);
        tables = List.copyOf(tables);
        functions = List.copyOf(functions);
        routines = List.copyOf(routines);
        renamed = List.copyOf(renamed);
    }

    LiveCatalog with(NameHolders known) {
        return new LiveCatalog(schemas, tables, functions, routines, renamed, known);
    }

    /** Whether there is such a schema or table. */
    boolean has(SecurableName name) {
        String schema = SecurableNames.schema(name);
        return schema(schema).isPresent()
                && name.object().stream().allMatch(table -> table(schema, table).isPresent());
    }

    Optional<Schema> schema(String name) {
        return schemas.stream().filter(schema -> schema.name().equals(name)).findFirst();
    }

    Optional<Table> table(String schema, String name) {
        return tables.stream()
                .filter(table -> table.schema().equals(schema) && table.name().equals(name))
                .findFirst();
    }

    /** The plain functions of this name: they differ in what they take. */
    List<Function> functions(String schema, String name) {
        return functions.stream()
                .filter(function ->
                        function.schema().equals(schema) && function.name().equals(name))
                .toList();
    }

    /** All of this name, of whatever kind: what is given on the name is on each. */
    List<Routine> routines(String schema, String name) {
        return routines.stream()
                .filter(routine ->
                        routine.schema().equals(schema) && routine.name().equals(name))
                .toList();
    }
}
