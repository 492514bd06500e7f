package dev.espalier.control.metastore;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An ABAC policy: which rows or column values of the tables in its scope the principals it binds see changed, or not at all. It
 * never gives a privilege. Shapes and rules are Unity Catalog's.
 *
 * @param id never changes, and is never given to another
 * @param on the catalog, schema or table whose tables it is for
 * @param to names of users, service principals and groups that it binds; {@link Subject#EVERYONE} for all
 * @param except names of those that it does not bind, though {@code to} has them
 * @param when on the tags of a table, those that it inherits from its schema and catalog included
 * @param match a table is meant only if each of these holds for one of its columns
 */
public record Policy(
        String id,
        String name,
        Optional<String> comment,
        Securable on,
        Set<String> to,
        Set<String> except,
        Condition when,
        List<Match> match,
        Effect effect) {

    public Policy {
        to = Set.copyOf(to);
        except = Set.copyOf(except);
        match = List.copyOf(match);
    }

    /** Whether it binds him, or the agent that acts for him. */
    public boolean binds(Subject subject) {
        return (!Collections.disjoint(subject.names(), to) && Collections.disjoint(subject.names(), except))
                || subject.agent().filter(this::binds).isPresent();
    }

    /**
     * Columns that the policy needs.
     *
     * @param alias what the policy calls a column for which the condition holds; {@link #UNNAMED} where nothing refers to it
     * @param condition on a column's own tags
     */
    public record Match(String alias, Condition condition) {

        /** What no argument can refer to. */
        public static final String UNNAMED = "";
    }

    /** What it does. */
    public sealed interface Effect {
        /**
         * Full name of the function: {@code system.mask.NAME} for one of Espalier's own, else a function in the catalog.
         */
        String function();

        /** What is passed to the function; to a mask, behind the column itself. */
        List<Argument> using();
    }

    /** Keeps the rows for which the function is true. */
    public record RowFilter(String function, List<Argument> using) implements Effect {
        public RowFilter {
            using = List.copyOf(using);
        }
    }

    /**
     * Shows the function's value instead of the column's.
     *
     * @param onColumn alias of the columns to mask, each of them
     */
    public record ColumnMask(String function, String onColumn, List<Argument> using) implements Effect {
        public ColumnMask {
            using = List.copyOf(using);
        }
    }

    /** An argument of the function. */
    public sealed interface Argument {}

    /** The column that the policy calls so. */
    public record Alias(String name) implements Argument {}

    /** The same text for each row, of whatever type the function wants. */
    public record Constant(String value) implements Argument {}
}
