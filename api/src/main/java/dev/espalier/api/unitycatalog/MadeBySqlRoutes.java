package dev.espalier.api.unitycatalog;

import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.api.wire.NoFields;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.util.List;
import java.util.stream.Stream;

/** The methods of Unity Catalog that make and remove what lies in a catalog: here that is for SQL on a branch, and they say so. */
public final class MadeBySqlRoutes {

    /**
     * @param plural as in the path
     * @param singular as in the methods' names, in small letters
     * @param how what makes and removes one
     */
    private record Kind(String plural, String singular, String how) {

        String path() {
            return UnityCatalog.ROOT + "/" + plural;
        }

        String method(String verb) {
            return verb + Character.toUpperCase(singular.charAt(0)) + singular.substring(1);
        }

        private ControlException refused() {
            return new ControlException(
                    Code.BAD_REQUEST,
                    plural + " are not made and removed here. " + how + ", and they are in the catalog at once.");
        }

        private Object refuse(Request request) {
            throw refused();
        }

        Stream<Route> routes() {
            String why = " is refused: " + how + ".";
            return Stream.of(
                    Route.post(path(), method("create"), "To make a " + singular + why, NoFields.class, this::refuse)
                            .forSignedIn(),
                    Route.delete(
                                    path() + "/" + (singular.equals("catalog") ? "{name}" : "{full_name}"),
                                    method("delete"),
                                    "To remove a " + singular + why,
                                    NoFields.class,
                                    this::refuse)
                            .forSignedIn());
        }
    }

    private static final List<Kind> KINDS = List.of(
            new Kind("catalogs", "catalog", "Make or drop a database (espalier databases create, or delete)"),
            new Kind("schemas", "schema", "Say CREATE SCHEMA or DROP SCHEMA in the database of a branch"),
            new Kind("tables", "table", "Say CREATE TABLE or DROP TABLE in the database of a branch"),
            new Kind("functions", "function", "Say CREATE FUNCTION or DROP FUNCTION in the database of a branch"));

    /** All of them. */
    public List<Route> routes() {
        return KINDS.stream().flatMap(Kind::routes).toList();
    }
}
