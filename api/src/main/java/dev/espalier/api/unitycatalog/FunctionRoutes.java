package dev.espalier.api.unitycatalog;

import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.control.metastore.Catalogs;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableNames;
import dev.espalier.control.metastore.SecurableType;
import java.util.List;

/** The methods for functions. They are made and changed by SQL. */
public final class FunctionRoutes {

    private static final String ALL = UnityCatalog.ROOT + "/functions";

    private final Catalogs catalogs;

    public FunctionRoutes(Catalogs catalogs) {
        this.catalogs = catalogs;
    }

    public List<Route> routes() {
        return List.of(
                Route.get(
                                ALL,
                                "listFunctions",
                                "Lists the functions of a schema, as the project's default branch has them.",
                                FunctionList.class,
                                this::list)
                        .query(UnityCatalog.CATALOG_NAME, UnityCatalog.SCHEMA_NAME)
                        .forSignedIn(),
                Route.get(ALL + "/{full_name}", "getFunction", "Shows a function.", FunctionResource.class, this::get)
                        .forSignedIn());
    }

    private Object list(Request request) {
        SecurableName schema = SecurableName.of(
                request.required(UnityCatalog.CATALOG_NAME.name()), request.required(UnityCatalog.SCHEMA_NAME.name()));
        return new FunctionList(catalogs.functions(request.principal(), schema).stream()
                .map(function -> FunctionResource.of(schema.catalog(), function))
                .toList());
    }

    private Object get(Request request) {
        SecurableName name = SecurableNames.parse(SecurableType.FUNCTION, request.path("full_name"))
                .name();
        return FunctionResource.of(name.catalog(), catalogs.function(request.principal(), name));
    }
}
