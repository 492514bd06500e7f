package dev.espalier.api.unitycatalog;

import dev.espalier.api.http.QueryParameter;
import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.control.metastore.Catalogs;
import dev.espalier.control.metastore.LiveCatalog;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableNames;
import dev.espalier.control.metastore.SecurableType;
import java.util.List;
import java.util.Optional;

/** The methods for tables and views. They are made and changed by SQL. */
public final class TableRoutes {

    private static final String ALL = UnityCatalog.ROOT + "/tables";
    private static final String ONE = ALL + "/{full_name}";
    private static final QueryParameter OMIT_COLUMNS = new QueryParameter(
            "omit_columns", QueryParameter.Type.FLAG, false, "Whether to leave out the tables' columns.");
    private static final QueryParameter SCHEMA_PATTERN = QueryParameter.optional(
            "schema_name_pattern", "As SQL's LIKE has it: % for any text, _ for any character.");
    private static final QueryParameter TABLE_PATTERN =
            QueryParameter.optional("table_name_pattern", "As SQL's LIKE has it: % for any text, _ for any character.");

    private final Catalogs catalogs;

    public TableRoutes(Catalogs catalogs) {
        this.catalogs = catalogs;
    }

    public List<Route> routes() {
        return List.of(
                Route.get(
                                ALL,
                                "listTables",
                                "Lists the tables and views of a schema, as the project's default branch has them.",
                                TableList.class,
                                this::list)
                        .query(UnityCatalog.CATALOG_NAME, UnityCatalog.SCHEMA_NAME, OMIT_COLUMNS)
                        .forSignedIn(),
                Route.get(ONE, "getTable", "Shows a table or view.", TableResource.class, this::get)
                        .forSignedIn(),
                Route.get(
                                ONE + "/exists",
                                "tableExists",
                                "Tells whether there is a table or view.",
                                TableExistence.class,
                                this::exists)
                        .forSignedIn(),
                Route.get(
                                UnityCatalog.ROOT + "/table-summaries",
                                "listTableSummaries",
                                "Lists the tables and views of a catalog, with little of each.",
                                TableSummaryList.class,
                                this::summaries)
                        .query(UnityCatalog.CATALOG_NAME, SCHEMA_PATTERN, TABLE_PATTERN)
                        .forSignedIn());
    }

    private Object list(Request request) {
        SecurableName schema = SecurableName.of(
                request.required(UnityCatalog.CATALOG_NAME.name()), request.required(UnityCatalog.SCHEMA_NAME.name()));
        boolean withColumns = !request.flag(OMIT_COLUMNS.name());
        return new TableList(catalogs.tables(request.principal(), schema).stream()
                .map(table -> TableResource.of(schema.catalog(), table, withColumns))
                .toList());
    }

    private Object get(Request request) {
        SecurableName name = name(request);
        return TableResource.of(name.catalog(), catalogs.table(request.principal(), name), true);
    }

    private Object exists(Request request) {
        SecurableName name = name(request);
        return new TableExistence(catalogs.tables(request.principal(), name.catalog()).stream()
                .anyMatch(table -> name.equals(SecurableName.of(name.catalog(), table.schema(), table.name()))));
    }

    private Object summaries(Request request) {
        String catalog = request.required(UnityCatalog.CATALOG_NAME.name());
        LikePattern schemas = like(request.query(SCHEMA_PATTERN.name()));
        LikePattern tables = like(request.query(TABLE_PATTERN.name()));
        return new TableSummaryList(catalogs.tables(request.principal(), catalog).stream()
                .filter(table -> schemas.matches(table.schema()) && tables.matches(table.name()))
                .map((LiveCatalog.Table table) ->
                        new TableSummaryList.Summary(TableResource.fullName(catalog, table), TableResource.type(table)))
                .toList());
    }

    private static LikePattern like(Optional<String> pattern) {
        return new LikePattern(pattern.orElse("%"));
    }

    private static SecurableName name(Request request) {
        return SecurableNames.parse(SecurableType.TABLE, request.path("full_name"))
                .name();
    }
}
