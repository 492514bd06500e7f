package dev.espalier.control;

import dev.espalier.control.admission.Admission;
import dev.espalier.control.metastore.Catalog;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.postgres.Identifiers;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * Finds databases with the rules of a catalog that does not stand for them, which later rules would not reach. Who owns a database can give
 * it another name, or copy it, by SQL; rules and who may use a branch go by the name.
 */
final class StrayDatabases {

    /** @param words what it is, and how that is undone */
    record Stray(Catalog rulesOf, String words) {}

    private final Admission admission;

    StrayDatabases(Admission admission) {
        this.admission = admission;
    }

    /** @param session in a database that none of the catalogs stands for */
    Optional<Stray> find(Connection session, List<Catalog> governed, String database) throws SQLException {
        Optional<String> rulesOf = admission.catalog(session);
        return governed.stream()
                .filter(catalog -> rulesOf.equals(Optional.of(catalog.name())))
                .findFirst()
                .map(catalog -> new Stray(catalog, words(catalog, database)));
    }

    private static String words(Catalog catalog, String database) {
        return "nobody can be let in to the database " + database + ": it is the catalog " + catalog.name()
                + "'s database " + catalog.database() + ", or a copy of it, under another name, and no"
                + " change of the rules would reach it. From another database say ALTER DATABASE "
                + Identifiers.quoted(database) + " RENAME TO " + Identifiers.quoted(catalog.database())
                + ", or, if it is a copy, DROP DATABASE " + Identifiers.quoted(database) + ".";
    }

    /**
     * @param session in a database that none of the catalogs stands for
     * @throws ControlException if it has rules of one of them
     */
    void refuse(Connection session, List<Catalog> governed, String database) throws SQLException {
        Optional<Stray> stray = find(session, governed, database);
        if (stray.isPresent()) {
            throw new ControlException(Code.INVALID_STATE, stray.get().words());
        }
    }
}
