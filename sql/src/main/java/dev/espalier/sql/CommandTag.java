package dev.espalier.sql;

import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Finds the words with which PostgreSQL will report a statement's completion (CreateCommandTag in its source). */
final class CommandTag {

    private static final Pattern FIELD = Pattern.compile("\\{(\\w+)}");

    /** Kinds of objects whose tag says something else than their name in the source. */
    private static final Map<String, String> OBJECTS = Map.ofEntries(
            Map.entry("ATTRIBUTE", "TYPE"),
            Map.entry("DOMCONSTRAINT", "DOMAIN"),
            Map.entry("FDW", "FOREIGN DATA WRAPPER"),
            Map.entry("FOREIGN_SERVER", "SERVER"),
            Map.entry("LARGEOBJECT", "LARGE OBJECT"),
            Map.entry("MATVIEW", "MATERIALIZED VIEW"),
            Map.entry("OPCLASS", "OPERATOR CLASS"),
            Map.entry("OPFAMILY", "OPERATOR FAMILY"),
            Map.entry("STATISTIC_EXT", "STATISTICS"),
            Map.entry("TABCONSTRAINT", "TABLE"),
            Map.entry("TSCONFIGURATION", "TEXT SEARCH CONFIGURATION"),
            Map.entry("TSDICTIONARY", "TEXT SEARCH DICTIONARY"),
            Map.entry("TSPARSER", "TEXT SEARCH PARSER"),
            Map.entry("TSTEMPLATE", "TEXT SEARCH TEMPLATE"));

    private CommandTag() {}

    /** @return the tag, or "" if only execution can tell */
    static String of(String node, JsonNode statement) {
        String tag = StatementKind.of(node).tag();
        Matcher field = FIELD.matcher(tag);
        if (field.find()) {
            return field.replaceFirst(object(statement, field.group(1)));
        }
        return tag.equals("?") ? special(node, statement) : tag;
    }

    /** A column's tag is that of what it belongs to. */
    private static String object(JsonNode statement, String field) {
        String type = statement.path(field).asString("");
        if (type.equals("OBJECT_COLUMN")) {
            type = statement.path("relationType").asString("");
        }
        String name = type.replaceFirst("^OBJECT_", "");
        return OBJECTS.getOrDefault(name, name.replace('_', ' '));
    }

    private static String special(String node, JsonNode statement) {
        String kind = statement.path("kind").asString("");
        return switch (node) {
            case "TransactionStmt" -> transaction(kind.replaceFirst("^TRANS_STMT_", ""));
            case "VariableSetStmt" -> kind.startsWith("VAR_RESET") ? "RESET" : "SET";
            case "GrantStmt" -> grant(statement);
            case "GrantRoleStmt" -> grant(statement) + " ROLE";
            case "VacuumStmt" -> statement.path("is_vacuumcmd").asBoolean(false) ? "VACUUM" : "ANALYZE";
            case "FetchStmt" -> statement.path("ismove").asBoolean(false) ? "MOVE" : "FETCH";
            case "DeallocateStmt" -> statement.has("name") ? "DEALLOCATE" : "DEALLOCATE ALL";
            case "DiscardStmt" -> statement.path("target").asString("").replace('_', ' ');
            case "CreateFunctionStmt" ->
                statement.path("is_procedure").asBoolean(false) ? "CREATE PROCEDURE" : "CREATE FUNCTION";
            case "CreateTableAsStmt" -> createTableAs(statement);
            default -> "";
        };
    }

    private static String transaction(String kind) {
        return switch (kind) {
            case "START" -> "START TRANSACTION";
            case "ROLLBACK_TO" -> "ROLLBACK";
            case "PREPARE" -> "PREPARE TRANSACTION";
            default -> kind.replace('_', ' ');
        };
    }

    private static String grant(JsonNode statement) {
        return statement.path("is_grant").asBoolean(false) ? "GRANT" : "REVOKE";
    }

    /** With data it reports the rows, like a SELECT; without data, or when the table is there already, itself. */
    private static String createTableAs(JsonNode statement) {
        if (statement.path("if_not_exists").asBoolean(false)) {
            return "";
        }
        if (!statement.path("into").path("skipData").asBoolean(false)) {
            return "SELECT";
        }
        return statement.path("objtype").asString("").equals("OBJECT_MATVIEW")
                ? "CREATE MATERIALIZED VIEW"
                : "CREATE TABLE AS";
    }

    /**
     * @param effects of the whole statement: a SELECT INTO makes a table, as CREATE TABLE AS does
     * @return the kind of statement for query history
     */
    static StatementType type(String node, String tag, Set<Effect> effects) {
        return switch (node) {
            case "SelectStmt" -> effects.contains(Effect.CREATE) ? StatementType.CREATE : StatementType.SELECT;
            case "CreateTableAsStmt" -> StatementType.CREATE;
            case "ExecuteStmt" -> StatementType.EXECUTE;
            default -> type(tag);
        };
    }

    private static StatementType type(String tag) {
        String verb = tag.split(" ", 2)[0];
        return switch (verb) {
            case "START" -> StatementType.BEGIN;
            case "RESET" -> StatementType.SET;
            case "MOVE" -> StatementType.FETCH;
            default -> {
                for (StatementType type : StatementType.values()) {
                    if (type.name().equals(verb)) {
                        yield type;
                    }
                }
                yield StatementType.OTHER;
            }
        };
    }
}
