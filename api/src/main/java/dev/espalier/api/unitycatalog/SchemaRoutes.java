package dev.espalier.api.unitycatalog;

import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.control.metastore.Catalogs;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableNames;
import dev.espalier.control.metastore.SecurableType;
import java.util.List;

/** The methods for schemas. They are made and changed by SQL. */
public final class SchemaRoutes {

    private static final String ALL = UnityCatalog.ROOT + "/schemas";

    private final Catalogs catalogs;

    public SchemaRoutes(Catalogs catalogs) {
        this.catalogs = catalogs;
    }

    public List<Route> routes() {
        return List.of(
                Route.get(
                                ALL,
                                "listSchemas",
                                "Lists the schemas of a catalog, as the project's default branch has them.",
                                SchemaList.class,
                                this::list)
                        .query(UnityCatalog.CATALOG_NAME)
                        .forSignedIn(),
                Route.get(ALL + "/{full_name}", "getSchema", "Shows a schema.", SchemaResource.class, this::get)
                        .forSignedIn());
    }

    private Object list(Request request) {
        String catalog = request.required(UnityCatalog.CATALOG_NAME.name());
        return new SchemaList(catalogs.schemas(request.principal(), catalog).stream()
                .map(schema -> SchemaResource.of(catalog, schema))
                .toList());
    }

    private Object get(Request request) {
        SecurableName name = SecurableNames.parse(SecurableType.SCHEMA, request.path("full_name"))
                .name();
        return SchemaResource.of(name.catalog(), catalogs.schema(request.principal(), name));
    }
}
