package dev.espalier.control.metastore;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The rules as they would be: other ones for one catalog, those of now for all others. */
public final class ProposedRules implements RulesSource {

    private final RulesSource now;
    private final Catalog catalog;
    private final Rules rules;
    private final Set<String> bound;

    /** @param catalog as it would be */
    public ProposedRules(RulesSource now, Catalog catalog, Rules rules) {
        this.now = now;
        this.catalog = catalog;
        this.rules = rules;
        this.bound = rules.bound();
    }

    @Override
    public List<Catalog> governed(String projectUid) {
        return Stream.concat(
                        now.governed(projectUid).stream().filter(other -> !isMeant(other)),
                        Stream.of(catalog)
                                .filter(one ->
                                        one.governed() && one.projectUid().equals(projectUid)))
                .sorted(Comparator.comparing(Catalog::name))
                .toList();
    }

    @Override
    public Rules of(Catalog of) {
        return isMeant(of) ? rules : now.of(of);
    }

    @Override
    public Set<String> bound(Catalog of) {
        return isMeant(of) ? bound : now.bound(of);
    }

    @Override
    public Optional<Subject> subject(String projectUid, String name) {
        return now.subject(projectUid, name);
    }

    private boolean isMeant(Catalog other) {
        return other.uid().equals(catalog.uid());
    }
}
