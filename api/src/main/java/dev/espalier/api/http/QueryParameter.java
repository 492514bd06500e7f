package dev.espalier.api.http;

/**
 * A parameter of a query string.
 *
 * @param meaning one sentence for the API's document
 */
public record QueryParameter(String name, Type type, boolean required, String meaning) {

    /** What a parameter holds. */
    public enum Type {
        TEXT,
        COUNT,
        NUMBER,
        FLAG,
        TIME
    }

    public static final QueryParameter PAGE_SIZE =
            new QueryParameter("page_size", Type.COUNT, false, "Most items to answer with, at most 100.");
    public static final QueryParameter PAGE_TOKEN =
            new QueryParameter("page_token", Type.TEXT, false, "next_page_token of the page before.");
    public static final QueryParameter SHOW_DELETED = new QueryParameter(
            "show_deleted", Type.FLAG, false, "Whether to list what is deleted and can be brought back.");
    public static final QueryParameter UPDATE_MASK = new QueryParameter(
            "update_mask",
            Type.TEXT,
            false,
            "Paths of the fields to change, with commas between them; * for all given.");
    public static final QueryParameter REPLACE_EXISTING = new QueryParameter(
            "replace_existing", Type.FLAG, false, "Whether to update the resource if there is one of this id already.");
    public static final QueryParameter PURGE =
            new QueryParameter("purge", Type.FLAG, false, "Whether to delete for good at once, with no way back.");

    public static QueryParameter required(String name, String meaning) {
        return new QueryParameter(name, Type.TEXT, true, meaning);
    }

    public static QueryParameter optional(String name, String meaning) {
        return new QueryParameter(name, Type.TEXT, false, meaning);
    }
}
