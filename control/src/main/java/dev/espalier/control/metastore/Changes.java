package dev.espalier.control.metastore;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.identity.Principal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.TransactionException;

/** The way every change of a catalog goes: counted, checked against the rules before and after it, and obeyed by what runs. */
final class Changes {

    /** The rules before a change and after it. */
    record Step(Rules before, Rules after) {}

    /**
     * What a change has led to.
     *
     * @param catalog as it is after it
     */
    record Outcome<T>(T done, Catalog catalog, Step step) {}

    /** The part of a change that refuses it. */
    @FunctionalInterface
    interface Check<T> {

        /** @throws ControlException if what was done is not to be */
        void of(T done, Step step);
    }

    /** The part of a change that writes. */
    @FunctionalInterface
    interface Write<T> {

        /** @param catalog as it is in this transaction */
        T in(Handle handle, Catalog catalog);
    }

    private final Jdbi jdbi;
    private final RulesReader reader;
    private final RunningBranches branches;

    Changes(Jdbi jdbi, RulesReader reader, RunningBranches branches) {
        this.jdbi = jdbi;
        this.reader = reader;
        this.branches = branches;
    }

    /** A catalog that the principal may know of. */
    Catalog catalog(Principal who, String name) {
        return jdbi.withHandle(handle -> CatalogTable.visible(handle, who, name))
                .orElseThrow(() -> noCatalog(name));
    }

    static ControlException noCatalog(String name) {
        return new ControlException(
                Code.NOT_FOUND,
                "there is no catalog " + name
                        + " of a project that you may use. espalier catalogs list shows them; one "
                        + "comes with each database.");
    }

    /** Writes, counts and checks in one transaction. */
    <T> Outcome<T> make(Catalog catalog, Write<T> write, Check<T> check) {
        return made(catalog, Optional.empty(), write, check);
    }

    /**
     * The same for a change of tags, in the light of what is called otherwise, or gone, since the last one: that is nobody's doing.
     *
     * @param live the default branch
     */
    <T> Outcome<T> make(Catalog catalog, LiveCatalog live, Write<T> write, Check<T> check) {
        return made(catalog, Optional.of(live), write, check);
    }

    private <T> Outcome<T> made(Catalog catalog, Optional<LiveCatalog> live, Write<T> write, Check<T> check) {
        try {
            return jdbi.inTransaction(handle -> inTransaction(handle, catalog, live, write, check));
        } catch (TransactionException e) {
            branches.mayHaveToObey();
            throw e;
        }
    }

    /** What {@link #make} would lead to. It is refused for the same reasons, and nothing of it stays. */
    <T> Outcome<T> tryOut(Catalog catalog, Write<T> write, Check<T> check) {
        return jdbi.withHandle(handle -> {
            handle.begin();
            try {
                return inTransaction(handle, catalog, Optional.empty(), write, check);
            } finally {
                handle.rollback();
            }
        });
    }

    private <T> Outcome<T> inTransaction(
            Handle handle, Catalog catalog, Optional<LiveCatalog> live, Write<T> write, Check<T> check) {
        long epoch = CatalogTable.nextEpoch(handle);
        Catalog current = CatalogTable.byUid(handle, catalog.uid()).orElseThrow(() -> noCatalog(catalog.name()));
        Rules before;
        if (live.isPresent() && current.governed()) {
            SeenNames.note(handle, current, live.get());
            before = reader.read(handle, current);
        } else {
            before = reader.unchanged(handle, current);
        }
        T done = write.in(handle, current);
        CatalogTable.concerns(handle, epoch, List.of(current.uid()));
        Catalog changed = CatalogTable.byUid(handle, catalog.uid()).orElse(current);
        Step step = new Step(before, reader.read(handle, changed));
        check.of(done, step);
        ReachTable.put(handle, changed, step.after());
        return new Outcome<>(done, changed, step);
    }

    /** The rules of now. */
    Rules rules(Catalog catalog) {
        return reader.of(jdbi.withHandle(handle -> CatalogTable.byUid(handle, catalog.uid()))
                .orElse(catalog));
    }

    /**
     * What is to be said of a change that is made, as {@link RunningBranches#obey} has it.
     *
     * @param changed the catalog after it
     */
    List<String> obeyed(Catalog changed) {
        return changed.governed() ? new ArrayList<>(branches.obey(changed.projectUid())) : new ArrayList<>();
    }

    /**
     * A catalog's first grant or policy: from here on its databases are under rules, and what is there counts as looked at. Later it is
     * noted what is called otherwise, or gone, since.
     */
    static void look(Handle handle, Catalog catalog, LiveCatalog live) {
        if (catalog.governed()) {
            SeenNames.note(handle, catalog, live);
        } else {
            CatalogTable.comesUnderRules(handle, catalog.uid());
            List<ColumnName> columns = new ArrayList<>();
            live.tables()
                    .forEach(table -> table.columns()
                            .forEach(column -> columns.add(
                                    new ColumnName(catalog.name(), table.schema(), table.name(), column.name()))));
            TagTable.classify(handle, catalog, columns);
        }
    }
}
