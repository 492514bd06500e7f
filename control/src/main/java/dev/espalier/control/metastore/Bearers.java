package dev.espalier.control.metastore;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which tables and schemas bear which names on the default branch, and which have been seen to bear them before. What is said of a
 * name holds also for what bears it no more; so nobody gets what is another's by taking a name that has come free.
 *
 * @param before those that are not among those of now
 */
public record Bearers(Set<Bearer> now, Set<Bearer> before) {

    /**
     * A thing by a name.
     *
     * @param table empty for a schema
     * @param number PostgreSQL's oid, which is the same in all copies
     */
    public record Bearer(String schema, String table, long number) {

        private boolean has(SecurableName name) {
            return schema.equals(SecurableNames.schema(name)) && table.equals(SecurableNames.object(name));
        }
    }

    public static final Bearers NONE = new Bearers(Set.of(), Set.of());

    public Bearers {
        now = Set.copyOf(now);
        before = Set.copyOf(before);
    }

    /** These, and those that are remembered. */
    Bearers and(Set<Bearer> remembered) {
        Set<Bearer> all = new HashSet<>(before);
        all.addAll(remembered);
        all.removeAll(now);
        return new Bearers(now, all);
    }

    /** Whether a grant by a name of the thing is not kept from it. */
    boolean isFor(Grant grant, Securable thing) {
        return now.stream()
                .noneMatch(bearer -> bearer.has(thing.name()) && grant.notOn().contains(bearer.number()));
    }

    /** Whether something else than what bears the second name now has borne the first. */
    boolean isAnothers(SecurableName name, SecurableName thing) {
        Set<Long> numbers = now.stream()
                .filter(bearer -> bearer.has(thing))
                .map(Bearer::number)
                .collect(Collectors.toSet());
        return Stream.concat(now.stream(), before.stream())
                .anyMatch(bearer -> bearer.has(name) && !numbers.contains(bearer.number()));
    }

    /** Whether the name of the table or schema was another's before. */
    boolean hasChanged(SecurableName name) {
        return before.stream().anyMatch(bearer -> bearer.has(name));
    }

    /** Numbers of the tables for which what is given on the thing now is not, though its name is one of theirs. */
    Set<Long> without(Securable on) {
        return switch (on.type()) {
            case TABLE ->
                before.stream()
                        .filter(bearer -> bearer.has(on.name()))
                        .map(Bearer::number)
                        .collect(Collectors.toUnmodifiableSet());
            case SCHEMA -> leftOf(on.name());
            case METASTORE, CATALOG, FUNCTION -> Set.of();
        };
    }

    /** Tables that have lain in the schema and lie elsewhere; where it is another schema now, also those that are gone. */
    private Set<Long> leftOf(SecurableName schema) {
        Set<Long> here = new HashSet<>();
        Set<Long> elsewhere = new HashSet<>();
        now.forEach(bearer ->
                (bearer.schema().equals(SecurableNames.schema(schema)) ? here : elsewhere).add(bearer.number()));
        boolean another = hasChanged(schema);
        return before.stream()
                .filter(bearer -> bearer.schema().equals(SecurableNames.schema(schema))
                        && !bearer.table().isEmpty()
                        && !here.contains(bearer.number())
                        && (another || elsewhere.contains(bearer.number())))
                .map(Bearer::number)
                .collect(Collectors.toUnmodifiableSet());
    }
}
