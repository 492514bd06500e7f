package dev.espalier.api.unitycatalog;

import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.control.metastore.Catalog;
import dev.espalier.control.metastore.Catalogs;
import dev.espalier.control.metastore.Changed;
import java.util.List;
import java.util.Optional;

/** The methods for catalogs. They come and go with the databases of projects. */
public final class CatalogRoutes {

    private static final String ALL = UnityCatalog.ROOT + "/catalogs";
    private static final String ONE = ALL + "/{name}";

    private final Catalogs catalogs;

    public CatalogRoutes(Catalogs catalogs) {
        this.catalogs = catalogs;
    }

    public List<Route> routes() {
        return List.of(
                Route.get(
                                ALL,
                                "listCatalogs",
                                "Lists the catalogs of those projects that the caller may use.",
                                CatalogList.class,
                                this::list)
                        .forSignedIn(),
                Route.get(ONE, "getCatalog", "Shows a catalog.", CatalogResource.class, this::get)
                        .forSignedIn(),
                Route.patch(
                                ONE,
                                "updateCatalog",
                                "Changes a catalog's comment or owner.",
                                CatalogResource.class,
                                this::update)
                        .body(CatalogRequest.class)
                        .forSignedIn());
    }

    private Object list(Request request) {
        String metastore = catalogs.metastoreId();
        return new CatalogList(catalogs.list(request.principal()).stream()
                .map(catalog -> CatalogResource.of(catalog, metastore, Optional.empty()))
                .toList());
    }

    private Object get(Request request) {
        return shown(catalogs.get(request.principal(), request.path("name")));
    }

    private Object update(Request request) {
        CatalogRequest wanted = request.body(CatalogRequest.class);
        wanted.checkName(request.path("name"));
        Changed<Catalog> changed =
                catalogs.update(request.principal(), request.path("name"), wanted.owner(), wanted.comment());
        request.changed(changed.before().map(this::shown), changed.after().map(this::shown));
        return CatalogResource.of(
                changed.after().orElseThrow(), catalogs.metastoreId(), Optional.of(changed.warnings()));
    }

    private CatalogResource shown(Catalog catalog) {
        return CatalogResource.of(catalog, catalogs.metastoreId(), Optional.empty());
    }
}
