package dev.espalier.control;

import dev.espalier.control.metastore.Catalog;
import dev.espalier.control.metastore.FunctionBodies;
import dev.espalier.control.request.ControlException;
import dev.espalier.identity.Principal;
import dev.espalier.schema.SchemaReader;
import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.ObjectId;
import dev.espalier.schema.model.SchemaObject;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jdbi.v3.core.Jdbi;

/** Schemas of databases on the branches of a project, to be compared, without what the catalog withholds from whoever asks. */
final class ShownSchemas {

    private static final Set<Kind> ROUTINES = Set.of(Kind.FUNCTION, Kind.PROCEDURE);
    private static final String DEFINITION = "definition";

    private final Jdbi jdbi;
    private final BranchSessions sessions;
    private final StrayDatabases strays;
    private final RoleNames names;
    private final Principal who;
    private final List<Catalog> governed;

    /** What is withheld, numbered: what is the same has the same number, so that it can be compared. */
    private final Map<String, Integer> withheld = new HashMap<>();

    ShownSchemas(
            Jdbi jdbi,
            BranchSessions sessions,
            StrayDatabases strays,
            RoleNames names,
            Principal who,
            List<Catalog> governed) {
        this.jdbi = jdbi;
        this.sessions = sessions;
        this.strays = strays;
        this.names = names;
        this.who = who;
        this.governed = governed;
    }

    /** @throws ControlException if the database is a governed one under another name, which nobody is let in to either */
    DatabaseSchema read(Branch branch, String database) {
        Optional<Catalog> catalog =
                governed.stream().filter(one -> one.database().equals(database)).findFirst();
        if (catalog.isPresent()) {
            names.settle(branch);
        }
        return sessions.with(branch, database, session -> {
            if (catalog.isPresent()) {
                return withoutBodies(SchemaReader.read(session), bodies(catalog.get(), session));
            }
            if (!governed.isEmpty()) {
                strays.refuse(session, governed, database);
            }
            return SchemaReader.read(session);
        });
    }

    private FunctionBodies bodies(Catalog catalog, Connection session) throws SQLException {
        return jdbi.<FunctionBodies, SQLException>withHandle(
                handle -> FunctionBodies.of(handle, who, catalog, session));
    }

    private DatabaseSchema withoutBodies(DatabaseSchema schema, FunctionBodies bodies) {
        Map<ObjectId, SchemaObject> objects = new TreeMap<>(schema.objects());
        objects.replaceAll((id, object) ->
                !ROUTINES.contains(id.kind()) || bodies.shows(id.schema(), id.name(), object.required("owner"))
                        ? object
                        : withoutBody(object));
        return schema.with(objects);
    }

    /** Nothing in what takes the definition's place is somebody's own. */
    private SchemaObject withoutBody(SchemaObject routine) {
        int number = withheld.computeIfAbsent(routine.required(DEFINITION), _ -> withheld.size() + 1);
        return routine.withholding(
                DEFINITION,
                "definition " + number + ", which the catalog shows to those who own it, manage it or may execute it");
    }
}
