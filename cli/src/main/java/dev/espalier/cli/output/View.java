package dev.espalier.cli.output;

import java.util.List;
import tools.jackson.databind.JsonNode;

/** Which columns a kind of resource has in a table. */
public final class View {
    public static final View PROJECT = new View(
            Column.of("PROJECT", "/name", Cell::shortName),
            Column.of("DISPLAY NAME", "/status/display_name").whenPresent(),
            Column.of("POSTGRES", "/status/pg_version"),
            Column.of("DEFAULT BRANCH", "/status/default_branch", Cell::shortName),
            Column.of("HISTORY", "/status/history_retention_duration", Cell::duration),
            Column.of("OWNER", "/status/owner").whenPresent(),
            Column.of("CREATED", "/create_time", Cell::time),
            Column.of("DELETED", "/delete_time", Cell::time).whenPresent());
    public static final View BRANCH = new View(
            Column.of("BRANCH", "/name", Cell::shortName),
            Column.of("STATE", "/status/current_state"),
            Column.of("DEFAULT", "/status/default", Cell::yes).whenPresent(),
            Column.of("PROTECTED", "/status/is_protected", Cell::yes).whenPresent(),
            Column.of("FROM", "/status/source_branch", Cell::shortName),
            Column.of("AT", "/status/source_branch_time", Cell::time).whenPresent(),
            Column.of("MASKED FOR", "/status/masked_for").whenPresent(),
            Column.of("MIRROR", "/status/mirror/state").whenPresent(),
            Column.of("SIZE", "/status/logical_size_bytes", Cell::bytes),
            Column.of("CREATED", "/create_time", Cell::time),
            Column.of("EXPIRES", "/status/expire_time", Cell::time).whenPresent(),
            Column.of("DELETED", "/status/delete_time", Cell::time).whenPresent());
    public static final View ENDPOINT = new View(
            Column.of("ENDPOINT", "/name", Cell::shortName),
            Column.of("BRANCH", "/parent", Cell::shortName),
            Column.of("TYPE", "/status/endpoint_type", Cell.withoutPrefix("ENDPOINT_TYPE_")),
            Column.of("STATE", "/status/current_state"),
            Column.of("DISABLED", "/status/disabled", Cell::yes).whenPresent(),
            Column.of("SUSPENDS AFTER", "/status/suspend_timeout_duration", Cell::duration)
                    .whenPresent(),
            Column.of("LAST ACTIVE", "/status/last_active_time", Cell::time).whenPresent(),
            Column.of("HOST", "/status/hosts/host"));
    public static final View DATABASE = new View(
            Column.of("DATABASE", "/name", Cell::shortName),
            Column.of("NAME IN POSTGRES", "/status/postgres_database"),
            Column.of("OWNER", "/status/role", Cell::shortName));
    public static final View ROLE = new View(
            Column.of("ROLE", "/name", Cell::shortName),
            Column.of("NAME IN POSTGRES", "/status/postgres_role"),
            Column.of("IDENTITY", "/status/identity_type"),
            Column.of("SIGNS IN BY", "/status/auth_method"),
            Column.of("MEMBER OF", "/status/membership_roles").whenPresent());
    public static final View USER = new View(
            Column.of("USER", "/userName"),
            Column.of("DISPLAY NAME", "/displayName").whenPresent(),
            Column.of("EXTERNAL ID", "/externalId").whenPresent(),
            Column.of("GROUPS", "/groups", Cell::displays).whenPresent(),
            Column.of("ACTIVE", "/active", Cell::yes));
    public static final View GROUP = new View(
            Column.of("GROUP", "/displayName"),
            Column.of("MEMBERS", "/members", Cell::displays),
            Column.of("MEMBER OF", "/groups", Cell::displays).whenPresent());
    public static final View PORT = new View(
            Column.of("PORT", "/port"),
            Column.of("HOST", "/host"),
            Column.of("PROJECT", "/parent", Cell::project),
            Column.of("BRANCH", "/parent", Cell::shortName),
            Column.of("STATE", "/state"),
            Column.of("WHY", "/error").whenPresent());
    public static final View PRINCIPAL = new View(
            Column.of("PRINCIPAL", "/displayName"),
            Column.of("CLIENT ID", "/applicationId"),
            Column.of("EXTERNAL ID", "/externalId").whenPresent(),
            Column.of("GROUPS", "/groups", Cell::displays).whenPresent(),
            Column.of("ACTIVE", "/active", Cell::yes));
    public static final View NEW_PRINCIPAL = new View(
            Column.of("PRINCIPAL", "/name"),
            Column.of("CLIENT ID", "/client_id"),
            Column.of("CLIENT SECRET", "/client_secret"));
    public static final View SECRET = new View(
            Column.of("SECRET", "/id"),
            Column.of("CREATED", "/create_time", Cell::time),
            Column.of("EXPIRES", "/expire_time", Cell::time).whenPresent());
    public static final View NEW_SECRET = new View(
            Column.of("SECRET", "/id"),
            Column.of("CLIENT SECRET", "/secret"),
            Column.of("EXPIRES", "/expire_time", Cell::time).whenPresent());
    public static final View PERMISSION = new View(
            Column.of("USER", "/user_name").whenPresent(),
            Column.of("GROUP", "/group_name").whenPresent(),
            Column.of("PRINCIPAL", "/service_principal_name").whenPresent(),
            Column.of("PERMISSION", "/all_permissions/0/permission_level"));
    public static final View PERMISSION_LEVEL =
            new View(Column.of("PERMISSION", "/permission_level"), Column.of("DESCRIPTION", "/description"));
    public static final View CATALOG = new View(
            Column.of("CATALOG", "/name"),
            Column.of("PROJECT", "/properties/project", Cell::shortName),
            Column.of("DATABASE", "/properties/database"),
            Column.of("OWNER", "/owner").whenPresent(),
            Column.of("UNDER RULES", "/properties/governed", Cell::yes),
            Column.of("COMMENT", "/comment").whenPresent());
    public static final View SCHEMA = new View(
            Column.of("SCHEMA", "/full_name"),
            Column.of("OWNER", "/owner"),
            Column.of("COMMENT", "/comment").whenPresent());
    public static final View TABLE = new View(
            Column.of("TABLE", "/full_name"),
            Column.of("TYPE", "/table_type"),
            Column.of("OWNER", "/owner"),
            Column.of("COMMENT", "/comment").whenPresent());
    public static final View TABLE_SUMMARY =
            new View(Column.of("TABLE", "/full_name"), Column.of("TYPE", "/table_type"));
    public static final View FUNCTION = new View(
            Column.of("FUNCTION", "/full_name"),
            Column.of("TAKES", "/input_params/parameters", Cell::types),
            Column.of("ANSWERS", "/full_data_type"),
            Column.of("LANGUAGE", "/external_language"),
            Column.of("OWNER", "/owner"));
    public static final View GRANT =
            new View(Column.of("PRINCIPAL", "/principal"), Column.of("PRIVILEGES", "/privileges"));
    public static final View EFFECTIVE_GRANT =
            new View(Column.of("PRINCIPAL", "/principal"), Column.of("PRIVILEGES", "/privileges", Cell::inherited));
    public static final View GOVERNED_TAG = new View(
            Column.of("TAG", "/tag_key"),
            Column.of("VALUES", "/values", Cell::names),
            Column.of("DESCRIPTION", "/description").whenPresent());
    public static final View TAG_GRANT = new View(Column.of("ROLE", "/role"), Column.of("PRINCIPALS", "/principals"));
    public static final View TAG_ASSIGNMENT = new View(
            Column.of("ON", "/entity_name"),
            Column.of("TAG", "/tag_key"),
            Column.of("VALUE", "/tag_value"),
            Column.of("BY", "/updated_by"),
            Column.of("AT", "/update_time", Cell::time));
    public static final View TAG_PROPOSAL = new View(
            Column.of("COLUMN", "/entity_name"),
            Column.of("TAG", "/tag_key"),
            Column.of("VALUE", "/tag_value"),
            Column.of("CONFIDENCE", "/confidence"),
            Column.of("BECAUSE OF", "/evidence"));
    public static final View POLICY = new View(
            Column.of("POLICY", "/name"),
            Column.of("ON", "/on_securable_fullname"),
            Column.of("TYPE", "/policy_type", Cell.withoutPrefix("POLICY_TYPE_")),
            Column.of("MASK", "/column_mask/function_name").whenPresent(),
            Column.of("FILTER", "/row_filter/function_name").whenPresent(),
            Column.of("TO", "/to_principals"),
            Column.of("EXCEPT", "/except_principals").whenPresent(),
            Column.of("COMMENT", "/comment").whenPresent());
    public static final View REPLAYED_PRINCIPAL = new View(
            Column.of("PRINCIPAL", "/principal"),
            Column.of("AGENT", "/agent").whenPresent(),
            Column.of("STATEMENTS", "/statements"),
            Column.of("SAME", "/same"),
            Column.of("OTHER VALUES", "/other_values"),
            Column.of("OTHER ROWS", "/other_rows"),
            Column.of("REFUSED", "/refused"),
            Column.of("ALLOWED", "/allowed"),
            Column.of("FAILS", "/fails"),
            Column.of("NOT COMPARED", "/not_compared"));
    public static final View REPLAYED_STATEMENT = new View(
            Column.of("PRINCIPAL", "/principal"),
            Column.of("AGENT", "/agent").whenPresent(),
            Column.of("OUTCOME", "/outcome"),
            Column.of("COLUMNS", "/columns").whenPresent(),
            Column.of("ROWS NOW", "/rows_now").whenPresent(),
            Column.of("THEN", "/rows_then").whenPresent(),
            Column.of("ERROR NOW", "/error_now").whenPresent(),
            Column.of("THEN", "/error_then").whenPresent(),
            Column.of("RUNS", "/runs"),
            Column.of("STATEMENT", "/statement_text", Cell::beginning));
    public static final View CREDENTIAL =
            new View(Column.of("TOKEN", "/token"), Column.of("EXPIRES", "/expire_time", Cell::time));
    public static final View OPERATION = new View(
            Column.of("OPERATION", "/name"),
            Column.of("DONE", "/done"),
            Column.of("ERROR", "/error/message").whenPresent());
    public static final View CALL = new View(
            Column.of("TIME", "/time", Cell::time),
            Column.of("PRINCIPAL", "/principal"),
            Column.of("METHOD", "/method"),
            Column.of("PATH", "/path"),
            Column.of("STATUS", "/status_code"),
            Column.of("ERROR", "/error_code").whenPresent(),
            Column.of("MS", "/duration_ms"),
            Column.of("FROM", "/source_address"),
            Column.of("REQUEST", "/request_id"));

    public static final View PRICE = new View(
            Column.of("SKU", "/sku_name"),
            Column.of("PRICE", "/price"),
            Column.of("CURRENCY", "/currency_code"),
            Column.of("UNIT", "/usage_unit"),
            Column.of("FROM", "/price_start_time", Cell::time),
            Column.of("TO", "/price_end_time", Cell::time).whenPresent());

    private final List<Column> columns;

    private View(Column... columns) {
        this.columns = List.of(columns);
    }

    /** A table with a header line; empty text when there are no resources. */
    public String table(List<JsonNode> resources) {
        if (resources.isEmpty()) {
            return "";
        }
        List<Column> shown = columns.stream()
                .filter(column -> !column.optional()
                        || resources.stream()
                                .anyMatch(resource -> !column.of(resource).isEmpty()))
                .toList();
        Table table = new Table().row(shown.stream().map(Column::header).toList());
        resources.forEach(resource ->
                table.row(shown.stream().map(column -> column.of(resource)).toList()));
        return table.text();
    }
}
