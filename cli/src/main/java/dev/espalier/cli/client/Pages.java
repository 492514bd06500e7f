package dev.espalier.cli.client;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Lists, page by page. */
public final class Pages {
    private final ApiClient api;

    public Pages(ApiClient api) {
        this.api = api;
    }

    /**
     * The whole list. One page is answered as the server sent it; of several the items are joined under {@code key}, as if
     * the server had sent them at once.
     */
    public Reply all(String path, String key, Query query) {
        Reply first = api.get(path, query);
        String next = nextPage(first.json());
        if (next.isEmpty()) {
            return first;
        }
        ObjectNode joined = first.json().asObject().deepCopy();
        ArrayNode items = joined.withArray(key);
        while (!next.isEmpty()) {
            JsonNode page = api.get(path, query.with("page_token", next)).json();
            page.path(key).valueStream().forEach(items::add);
            next = nextPage(page);
        }
        joined.remove("next_page_token");
        return new Reply(joined.toString(), joined);
    }

    /** The token of the page after this one; empty on the last. */
    public static String nextPage(JsonNode page) {
        return page.path("next_page_token").asString("");
    }
}
