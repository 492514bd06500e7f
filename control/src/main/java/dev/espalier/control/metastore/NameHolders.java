package dev.espalier.control.metastore;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which tables and schemas hold which names on the default branch, and which have been seen to hold them before. What is said of a
 * name is true also of what holds it no more; so nobody gets what is another's by taking a name that has come free.
 *
 * @param now numbers of those that hold each name
 * @param before of those that do no more
 */
public record NameHolders(Map<Name, Set<Long>> now, Map<Name, Set<Long>> before) {

    /** A name in a catalog; without a table that of a schema. */
    public record Name(String schema, String table) {

        private static Name of(SecurableName name) {
            return new Name(SecurableNames.schema(name), SecurableNames.object(name));
        }
    }

    /**
     * A thing by a name.
     *
     * @param number PostgreSQL's oid, which is the same in all copies
     */
    public record Holder(Name name, long number) {}

    public static final NameHolders NONE = new NameHolders(Map.of(), Map.of());

    public NameHolders {
        now = Map.copyOf(now);
        before = Map.copyOf(before);
    }

    /** Where nothing has been seen before. */
    static NameHolders of(Collection<Holder> now) {
        return new NameHolders(byName(now.stream()), Map.of());
    }

    /** These, and those that are remembered. */
    NameHolders and(Collection<Holder> remembered) {
        return new NameHolders(
                now,
                byName(Stream.concat(all(before), remembered.stream())
                        .filter(holder -> !numbers(now, holder.name()).contains(holder.number()))));
    }

    private static Map<Name, Set<Long>> byName(Stream<Holder> holders) {
        return holders.collect(Collectors.groupingBy(
                Holder::name, Collectors.mapping(Holder::number, Collectors.toUnmodifiableSet())));
    }

    private static Stream<Holder> all(Map<Name, Set<Long>> byName) {
        return byName.entrySet().stream()
                .flatMap(entry -> entry.getValue().stream().map(number -> new Holder(entry.getKey(), number)));
    }

    private static Set<Long> numbers(Map<Name, Set<Long>> byName, Name name) {
        return byName.getOrDefault(name, Set.of());
    }

    /** All that have been seen, and whether they hold their names now. */
    Map<Holder, Boolean> seen() {
        Map<Holder, Boolean> seen = new HashMap<>();
        all(before).forEach(holder -> seen.put(holder, false));
        all(now).forEach(holder -> seen.put(holder, true));
        return seen;
    }

    /** Whether a grant by a name of the thing is not kept from it. */
    boolean isFor(Grant grant, Securable thing) {
        return thing.type() != SecurableType.TABLE
                || numbers(now, Name.of(thing.name())).stream().noneMatch(grant.notOn()::contains);
    }

    /** Whether something else than what holds the second name now has held the first. */
    boolean isAnothers(SecurableName name, SecurableName thing) {
        Set<Long> numbers = numbers(now, Name.of(thing));
        return Stream.of(now, before)
                .flatMap(byName -> numbers(byName, Name.of(name)).stream())
                .anyMatch(number -> !numbers.contains(number));
    }

    /** Whether the name of the table or schema was another's before. */
    boolean hasChanged(SecurableName name) {
        return before.containsKey(Name.of(name));
    }

    /** Whether what is said of others by the grant's name is said, too, of some that it is not on. */
    boolean isOfOthers(Grant grant) {
        return !grant.notOn().isEmpty() && hasChanged(grant.on().name());
    }

    /** As the other, or whether what is said by the name of a table below is said of one that the grant is not on. */
    boolean isOfOthers(Grant grant, Securable thing) {
        return isOfOthers(grant)
                || (thing.type() == SecurableType.TABLE
                        && numbers(before, Name.of(thing.name())).stream().anyMatch(grant.notOn()::contains));
    }

    /** Numbers of the tables for which what is given on the thing now is not, though its name is one of theirs. */
    Set<Long> without(Securable on) {
        return switch (on.type()) {
            case TABLE -> numbers(before, Name.of(on.name()));
            case SCHEMA -> leftOf(on.name());
            case METASTORE, CATALOG, FUNCTION -> Set.of();
        };
    }

    /** Tables that have lain in the schema and lie elsewhere; where it is another schema now, also those that are gone. */
    private Set<Long> leftOf(SecurableName schema) {
        String name = SecurableNames.schema(schema);
        Set<Long> here = new HashSet<>();
        Set<Long> elsewhere = new HashSet<>();
        all(now).forEach(holder -> (holder.name().schema().equals(name) ? here : elsewhere).add(holder.number()));
        boolean another = hasChanged(schema);
        return all(before)
                .filter(holder -> holder.name().schema().equals(name)
                        && !holder.name().table().isEmpty()
                        && !here.contains(holder.number())
                        && (another || elsewhere.contains(holder.number())))
                .map(Holder::number)
                .collect(Collectors.toUnmodifiableSet());
    }
}
