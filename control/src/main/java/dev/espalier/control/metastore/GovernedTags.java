package dev.espalier.control.metastore;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.identity.Principal;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * What can be asked of governed tags: only these can be assigned. Administrators make them, and who makes one manages it, as
 * administrators do.
 */
public final class GovernedTags {

    private static final int LONGEST_KEY = 256;

    private final Jdbi jdbi;
    private final Clock clock;

    GovernedTags(Jdbi jdbi, Clock clock) {
        this.jdbi = jdbi;
        this.clock = clock;
    }

    /** All of them, by key. */
    public List<GovernedTag> list() {
        return jdbi.withHandle(TagTable::governed);
    }

    /** @throws ControlException if there is none */
    public GovernedTag get(String key) {
        return jdbi.withHandle(handle -> find(handle, key));
    }

    /**
     * Makes one.
     *
     * @param values that may be assigned; none for any
     */
    public Changed<GovernedTag> create(Principal who, String key, Optional<String> description, List<String> values) {
        requireAdministrator(who);
        checkKey(key);
        Instant now = now();
        GovernedTag tag =
                new GovernedTag(key, UUID.randomUUID().toString(), description, checkedValues(values), now, now);
        jdbi.useTransaction(handle -> {
            CatalogTable.nextEpoch(handle);
            if (TagTable.governed(handle, key).isPresent()) {
                throw new ControlException(
                        Code.ALREADY_EXISTS,
                        "there is a governed tag " + key + " already. Update it, or choose another key.");
            }
            TagTable.insert(handle, tag);
            TagGrants.giveToMaker(handle, who, key);
        });
        return new Changed<>(Optional.empty(), Optional.of(tag), List.of());
    }

    /** Changes the description or the allowed values; a value that is assigned or asked for stays allowed. */
    public Changed<GovernedTag> update(Principal who, String key, UnaryOperator<GovernedTag> change) {
        return jdbi.inTransaction(handle -> {
            CatalogTable.nextEpoch(handle);
            GovernedTag before = find(handle, key);
            TagGrants.require(handle, who, TagPrivilege.MANAGE, key);
            GovernedTag wanted = change.apply(before);
            GovernedTag after = new GovernedTag(
                    key, before.id(), wanted.description(), checkedValues(wanted.values()), before.createTime(), now());
            Set<String> inUse = new HashSet<>(TagTable.valuesInUse(handle, key));
            inUse.addAll(valuesAskedFor(handle, key));
            inUse.removeIf(after::allows);
            if (!inUse.isEmpty()) {
                throw new ControlException(
                        Code.INVALID_STATE,
                        "the governed tag " + key + " keeps the values " + String.join(", ", inUse)
                                + ": they are assigned, or a policy asks for them, be it in a deleted project. Change that first.");
            }
            TagTable.update(handle, after);
            return new Changed<>(Optional.of(before), Optional.of(after), List.of());
        });
    }

    /** Removes one that is nowhere assigned and that no policy asks for. */
    public Changed<GovernedTag> delete(Principal who, String key) {
        return jdbi.inTransaction(handle -> {
            CatalogTable.nextEpoch(handle);
            GovernedTag gone = find(handle, key);
            TagGrants.require(handle, who, TagPrivilege.MANAGE, key);
            List<String> assigned = TagTable.placesInUse(handle, key);
            List<String> policies = policiesAskingFor(handle, key);
            if (!assigned.isEmpty() || !policies.isEmpty()) {
                throw new ControlException(
                        Code.INVALID_STATE,
                        "the governed tag " + key + " is in use: assigned to "
                                + (assigned.isEmpty() ? "nothing" : String.join(", ", assigned)) + "; asked for by "
                                + (policies.isEmpty() ? "no policy" : String.join(", ", policies))
                                + ". Take it from there first.");
            }
            TagTable.deleteGoverned(handle, key);
            return new Changed<>(Optional.of(gone), Optional.empty(), List.of());
        });
    }

    static GovernedTag find(Handle handle, String key) {
        return TagTable.governed(handle, key).orElseThrow(() -> unknown(key));
    }

    static ControlException unknown(String key) {
        return new ControlException(
                Code.NOT_FOUND,
                "there is no governed tag " + key + ". espalier tags list shows them; an administrator makes one with "
                        + "espalier tags create.");
    }

    private static List<String> policiesAskingFor(Handle handle, String key) {
        List<String> names = new ArrayList<>();
        for (Catalog catalog : CatalogTable.governed(handle)) {
            PolicyTable.of(handle, catalog).forEach(policy -> {
                if (asks(policy).anyMatch(asked -> asked.key().equals(key))) {
                    names.add(policy.definition().name() + " on "
                            + policy.definition().on().name() + CatalogTable.deleted(handle, catalog));
                }
            });
        }
        return names;
    }

    private static Set<String> valuesAskedFor(Handle handle, String key) {
        Set<String> values = new HashSet<>();
        for (Catalog catalog : CatalogTable.governed(handle)) {
            PolicyTable.of(handle, catalog)
                    .forEach(policy -> asks(policy)
                            .filter(asked -> asked.key().equals(key))
                            .forEach(asked -> asked.value().ifPresent(values::add)));
        }
        return values;
    }

    private static Stream<AskedTag> asks(DefinedPolicy defined) {
        Policy policy = defined.definition().compile(defined.id());
        return Stream.concat(Stream.of(policy.when()), policy.match().stream().map(Policy.Match::condition))
                .flatMap(AskedTag::in);
    }

    private static void requireAdministrator(Principal who) {
        if (!who.administrator()) {
            throw new ControlException(
                    Code.PERMISSION_DENIED,
                    who.name() + " is not an administrator, and only administrators make governed tags. Ask one.");
        }
    }

    /** What Unity Catalog takes as a key. */
    private static void checkKey(String key) {
        if (key.isBlank()
                || key.length() > LONGEST_KEY
                || !key.equals(key.strip())
                || key.chars().anyMatch(c -> ",.:/-='".indexOf(c) >= 0 || c < ' ')) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "\"" + key + "\" cannot be a tag's key. Use 1 to " + LONGEST_KEY
                            + " characters without , . : / - = and quotes, and no spaces at the ends.");
        }
    }

    private static List<String> checkedValues(List<String> values) {
        Set<String> seen = new HashSet<>();
        for (String value : values) {
            if (value.isBlank() || !seen.add(value)) {
                throw new ControlException(
                        Code.INVALID_PARAMETER_VALUE,
                        "the value \"" + value + "\" of a governed tag is blank or given twice. Give each value once.");
            }
        }
        return values;
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
