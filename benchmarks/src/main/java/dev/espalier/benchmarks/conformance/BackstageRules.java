package dev.espalier.benchmarks.conformance;

import java.util.ArrayList;
import java.util.List;

/**
 * One principal reads and writes all of Backstage's databases and sees no e-mail address and no telephone number in them. Backstage
 * keeps people in JSON that is text, in rows of keys and values, in JSON, and in the full-text index of that.
 */
final class BackstageRules {

    private static final List<String> PLUGINS = List.of(
            "auth",
            "catalog",
            "events",
            "notifications",
            "permission",
            "scaffolder",
            "search",
            "signals",
            "user-settings");

    /** What the library has no mask for: JSON that keeps its shape, and the index that PostgreSQL would compute of that. */
    static final List<String> SEARCH_FUNCTIONS = List.of("""
            CREATE FUNCTION public.redacted(document jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE BEGIN ATOMIC
                SELECT regexp_replace(
                    regexp_replace(document::text, '[^[:space:]"]+@[[:alnum:]._-]+', '***@masked.invalid', 'g'),
                    '\\+?[0-9][0-9 ()/.-]{5,}[0-9]', '**********', 'g')::jsonb;
            END""", """
            CREATE FUNCTION public.redacted_index(body tsvector, document jsonb) RETURNS tsvector LANGUAGE sql IMMUTABLE BEGIN ATOMIC
                SELECT setweight(to_tsvector('english', public.redacted(document)->>'title'), 'A')
                    || setweight(to_tsvector('english', public.redacted(document)->>'text'), 'B');
            END""");

    private final String principal;

    /** @param principal whom they bind; he may use the project */
    BackstageRules(String principal) {
        this.principal = principal;
    }

    static String database(String plugin) {
        return "backstage_plugin_" + plugin;
    }

    /** For the database {@code system}. */
    List<String> statements() {
        List<String> statements = new ArrayList<>();
        for (String plugin : PLUGINS) {
            statements.add("GRANT USE CATALOG, USE SCHEMA, SELECT, MODIFY ON CATALOG `" + database(plugin) + "` TO `"
                    + principal + "`");
        }
        statements.add("CREATE GOVERNED TAG people");
        tag(statements, "entity", "catalog", "final_entities.final_entity");
        tag(statements, "entity", "catalog", "refresh_state.unprocessed_entity");
        tag(statements, "entity", "catalog", "refresh_state.processed_entity");
        tag(statements, "key", "catalog", "search.key");
        tag(statements, "value", "catalog", "search.value");
        tag(statements, "value", "catalog", "search.original_value");
        tag(statements, "document", "search", "documents.document");
        tag(statements, "index", "search", "documents.body");
        tag(statements, "text", "notifications", "notification.title");
        tag(statements, "text", "notifications", "notification.description");
        statements.add(mask("catalog", "entity", "system.mask.json_text_keys", "'email', 'displayName', 'picture'"));
        statements.add("CREATE POLICY hide_value ON CATALOG " + database("catalog")
                + " COLUMN MASK system.mask.when_key TO `" + principal
                + "` FOR TABLES MATCH COLUMNS has_tag_value('people', 'value') AS it, has_tag_value('people', 'key') AS key"
                + " ON COLUMN it USING COLUMNS (key, 'profile|annotations|description|links|title')");
        statements.add(mask("search", "document", database("search") + ".public.redacted", ""));
        statements.add(
                "CREATE POLICY hide_index ON CATALOG " + database("search") + " COLUMN MASK " + database("search")
                        + ".public.redacted_index TO `" + principal
                        + "` FOR TABLES MATCH COLUMNS has_tag_value('people', 'index') AS it,"
                        + " has_tag_value('people', 'document') AS document ON COLUMN it USING COLUMNS (document)");
        statements.add(mask("notifications", "text", "system.mask.redact_patterns", ""));
        return statements;
    }

    private static void tag(List<String> statements, String value, String plugin, String column) {
        statements.add("SET TAG ON COLUMN " + database(plugin) + ".public." + column + " people = '" + value + "'");
    }

    private String mask(String plugin, String value, String function, String arguments) {
        return "CREATE POLICY hide_" + value + " ON CATALOG " + database(plugin) + " COLUMN MASK " + function + " TO `"
                + principal + "` FOR TABLES MATCH COLUMNS has_tag_value('people', '" + value + "') AS it ON COLUMN it"
                + (arguments.isEmpty() ? "" : " USING COLUMNS (" + arguments + ")");
    }
}
