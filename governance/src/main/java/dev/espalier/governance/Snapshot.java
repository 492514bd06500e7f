package dev.espalier.governance;

import java.util.List;

/**
 * What there is in a database to govern, as far as the rules need it.
 *
 * @param schemas names of the governed ones
 * @param functions those that policies name, and those that run with their owners' rights
 */
record Snapshot(List<String> schemas, List<Relation> relations, List<Function> functions) {

    Snapshot {
        schemas = List.copyOf(schemas);
        relations = List.copyOf(relations);
        functions = List.copyOf(functions);
    }

    /**
     * A table or view.
     *
     * @param kind as in {@code pg_class.relkind}
     * @param knownSchema the schema's name when the relation was first seen
     * @param knownName its own name then
     * @param parents relations that it inherits from or is a partition of
     * @param seen whether the relation and all its columns have been seen before
     * @param onceWholes what it was a part of, and is no more
     */
    record Relation(
            long id,
            String schema,
            String name,
            char kind,
            String knownSchema,
            String knownName,
            List<Long> parents,
            boolean seen,
            List<Column> columns,
            List<QualifiedName> onceWholes) {

        Relation {
            parents = List.copyOf(parents);
            columns = List.copyOf(columns);
            onceWholes = List.copyOf(onceWholes);
        }

        Column column(int number) {
            return columns.stream()
                    .filter(column -> column.number() == number)
                    .findFirst()
                    .orElseThrow();
        }
    }

    record QualifiedName(String schema, String name) {}

    /**
     * @param knownName its name when it was first seen
     * @param type of its values; of a domain, the one below it
     * @param category as in {@code pg_type.typcategory}
     * @param saysLittle whether the type is one for numbers, dates, labels and the like
     */
    record Column(int number, String name, String knownName, String type, String category, boolean saysLittle) {}

    /**
     * @param parameters types
     * @param optional how many of the last parameters have defaults
     * @param runsAsOwner whether it is SECURITY DEFINER
     * @param unfit why no policy can use it; empty if one can
     * @param open whether everybody may call it
     * @param loose what is said of it if it runs as its owner and its caller could make it run code of his: no one whom a policy binds calls it then; empty if not
     */
    record Function(
            long id,
            String schema,
            String name,
            List<Parameter> parameters,
            int optional,
            String returns,
            String returnsCategory,
            boolean runsAsOwner,
            String unfit,
            boolean open,
            String loose) {

        Function {
            parameters = List.copyOf(parameters);
        }
    }

    record Parameter(String type, String category) {}
}
