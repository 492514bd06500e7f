package dev.espalier.control.metastore;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

/** Makes the rules of now from the control database. Rules that have not changed are not read again. */
public final class RulesReader implements RulesSource {

    /** @param bound names of those whom a policy binds */
    private record Known(Rules rules, Set<String> bound) {}

    private final Jdbi jdbi;
    private final Map<String, Known> recent = new ConcurrentHashMap<>();

    public RulesReader(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    @Override
    public List<Catalog> governed(String projectUid) {
        return jdbi.withHandle(handle -> CatalogTable.governed(handle, projectUid));
    }

    /** Those of a catalog that is gone are as they were. */
    @Override
    public Rules of(Catalog catalog) {
        return known(catalog).rules();
    }

    @Override
    public Set<String> bound(Catalog catalog) {
        return known(catalog).bound();
    }

    @Override
    public Optional<Subject> subject(String projectUid, String name) {
        return jdbi.withHandle(handle -> SubjectReader.named(handle, projectUid, name));
    }

    private Known known(Catalog catalog) {
        Known known = recent.get(catalog.uid());
        if (known != null && known.rules().epoch() == catalog.epoch()) {
            return known;
        }
        Rules read = jdbi.inTransaction(
                TransactionIsolationLevel.REPEATABLE_READ,
                handle -> read(handle, CatalogTable.byUid(handle, catalog.uid()).orElse(catalog)));
        Known fresh = new Known(read, read.bound());
        recent.put(catalog.uid(), fresh);
        return fresh;
    }

    /** As the transaction sees them before it changes anything of them; nobody else does meanwhile. */
    Rules unchanged(Handle handle, Catalog catalog) {
        Known known = recent.get(catalog.uid());
        return known != null && known.rules().epoch() == catalog.epoch() ? known.rules() : read(handle, catalog);
    }

    /** As the transaction sees them, with the epoch that the catalog is given here. */
    Rules read(Handle handle, Catalog catalog) {
        Map<SecurableName, Map<String, String>> tags = new HashMap<>();
        Map<ColumnName, Map<String, String>> columnTags = new HashMap<>();
        for (TagAssignment tag : TagTable.of(handle, catalog)) {
            Map<String, String> of = tag.column().isEmpty()
                    ? tags.computeIfAbsent(tag.on(), _ -> new HashMap<>())
                    : columnTags.computeIfAbsent(
                            ColumnName.in(tag.on(), tag.column().get()), _ -> new HashMap<>());
            of.put(tag.key(), tag.value());
        }
        return new Rules(
                catalog.epoch(),
                catalog.name(),
                GrantTable.of(handle, catalog),
                tags,
                columnTags,
                new HashSet<>(TagTable.classified(handle, catalog)),
                PolicyTable.of(handle, catalog).stream()
                        .map(policy -> policy.definition().compile(policy.id()))
                        .toList(),
                SeenNames.renames(handle, catalog),
                SubjectReader.of(handle, catalog.projectUid()));
    }
}
