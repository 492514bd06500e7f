package dev.espalier.control.metastore;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Everything that governs one catalog: what a database on any branch is compiled from, beside what is in the database itself.
 *
 * @param epoch counts the changes of the metastore
 * @param catalog the catalog's name
 * @param grants on the catalog and all that lies in it
 * @param tags of the catalog, its schemas and its tables, value by key; what a tag is inherited from is not repeated
 * @param columnTags of columns, value by key
 * @param classified columns that somebody has looked at, with a tag or without: any other is not shown in the clear to those
 *     whom a mask binds
 * @param policies on the catalog and all that lies in it, by name
 * @param renames what copies that lack a rename call by the earlier name
 * @param subjects those who may sign in, by name, and the agents that have signed in for them
 */
public record Rules(
        long epoch,
        String catalog,
        List<Grant> grants,
        Map<SecurableName, Map<String, String>> tags,
        Map<ColumnName, Map<String, String>> columnTags,
        Set<ColumnName> classified,
        List<Policy> policies,
        Renames renames,
        List<Subject> subjects) {

    public Rules {
        grants = List.copyOf(grants);
        tags = Map.copyOf(tags);
        columnTags = Map.copyOf(columnTags);
        classified = Set.copyOf(classified);
        policies = List.copyOf(policies);
        subjects = List.copyOf(subjects);
    }

    /** Where nothing has another name than it was first seen with. */
    public Rules(
            long epoch,
            String catalog,
            List<Grant> grants,
            Map<SecurableName, Map<String, String>> tags,
            Map<ColumnName, Map<String, String>> columnTags,
            Set<ColumnName> classified,
            List<Policy> policies,
            List<Subject> subjects) {
        this(epoch, catalog, grants, tags, columnTags, classified, policies, Renames.NONE, subjects);
    }

    /** The same, as if nothing had another name than it was first seen with. */
    Rules withoutRenames() {
        return new Rules(epoch, catalog, grants, tags, columnTags, classified, policies, subjects);
    }

    /** Names of those whom one of the policies binds. */
    public Set<String> bound() {
        return bound(_ -> true);
    }

    /** Names of those whom one of the policies binds that do not bind the other. */
    public Set<String> boundBeside(Subject other) {
        return bound(policy -> !policy.binds(other));
    }

    private Set<String> bound(Predicate<Policy> counts) {
        List<Policy> counting = policies.stream().filter(counts).toList();
        return subjects.stream()
                .filter(subject -> counting.stream().anyMatch(policy -> policy.binds(subject)))
                .map(Subject::name)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Whether a table keeps the name that it was first seen with, and with it what is said of the schema that it lay in. */
    boolean keeps(SecurableName first, SecurableName now) {
        return know(first) || !know(now);
    }

    /** Whether anything is said of the schema or table, or of what lies in it: then it is on some branch, or was. */
    boolean know(SecurableName name) {
        return Stream.of(
                        grants.stream()
                                .map(Grant::on)
                                .filter(on -> on.type() != SecurableType.FUNCTION
                                        || !on.name().equals(name))
                                .map(Securable::name),
                        policies.stream().map(policy -> policy.on().name()),
                        tags.keySet().stream(),
                        columnTags.keySet().stream().map(ColumnName::of),
                        classified.stream().map(ColumnName::of))
                .flatMap(names -> names)
                .anyMatch(name::covers);
    }

    /** Whether they ask for nothing: PostgreSQL's own grants hold then, as the owners of the tables give them. */
    public boolean isEmpty() {
        return grants.isEmpty() && policies.isEmpty();
    }
}
