package dev.espalier.demo;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A path and a leaf of a final entity, flattened as Backstage does it for its filters.
 *
 * @param key path in lower case, such as {@code spec.profile.email}
 * @param value the leaf in lower case; null where the leaf is null or too long to be indexed
 * @param originalValue the leaf as written; null exactly where the value is
 */
record SearchRow(
        String key, @Nullable String value, @Nullable String originalValue) {

    /** Longest key and value Backstage indexes, in UTF-16 units; the columns would hold 255 characters. */
    private static final int MAX_LENGTH = 200;

    /** Left out of the walk: meaningless to filter by, or added separately. */
    private static final Set<String> SPECIAL =
            Set.of("relations", "status", "metadata.name", "metadata.namespace", "metadata.uid", "metadata.etag");

    /** The rows of one final entity, distinct by key and value. */
    static List<SearchRow> of(JsonNode entity) {
        Walk walk = new Walk();
        walk.visit("", entity);
        for (String field : List.of("name", "namespace", "uid")) {
            walk.leaf("metadata." + field, entity.path("metadata").path(field).asString());
        }
        for (JsonNode relation : entity.path("relations")) {
            String type = relation.path("type").asString();
            walk.leaf("relations." + type, relation.path("targetRef").asString());
        }
        return new ArrayList<>(walk.rows.values());
    }

    private static final class Walk {

        private final Map<String, SearchRow> rows = new LinkedHashMap<>();
        private final Set<String> membershipKeys = new HashSet<>();

        void visit(String path, JsonNode node) {
            if (SPECIAL.contains(path)) {
                return;
            }
            if (node.isObject()) {
                for (var field : node.properties()) {
                    visit(path.isEmpty() ? field.getKey() : path + "." + field.getKey(), field.getValue());
                }
            } else if (node.isArray()) {
                for (JsonNode item : node) {
                    visit(path, item);
                    if (item.isString()) {
                        membership(path + "." + item.asString());
                    }
                }
            } else {
                leaf(path, node.isNull() ? null : node.asString());
            }
        }

        /** That a list holds a text is also a key of its own, so that a filter can ask for two members at once. */
        private void membership(String key) {
            if (membershipKeys.add(key.toLowerCase(Locale.ROOT))) {
                leaf(key, "true");
            }
        }

        void leaf(String path, @Nullable String text) {
            String key = path.toLowerCase(Locale.ROOT);
            if (key.length() > MAX_LENGTH) {
                return;
            }
            String value = text == null ? null : text.toLowerCase(Locale.ROOT);
            SearchRow row = value == null || value.length() > MAX_LENGTH
                    ? new SearchRow(key, null, null)
                    : new SearchRow(key, value, text);
            rows.putIfAbsent(key + '\0' + (row.value == null ? "\0" : row.value), row);
        }
    }
}
