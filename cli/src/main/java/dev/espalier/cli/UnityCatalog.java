package dev.espalier.cli;

import dev.espalier.cli.client.Query;
import dev.espalier.cli.client.Reply;
import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** What the calls of Unity Catalog's API have in common. */
final class UnityCatalog {

    /** Where they are. */
    static final String ROOT = "/api/2.1/unity-catalog";

    private UnityCatalog() {}

    /** Kinds of things in it that grants and policies are on. */
    enum Type {
        CATALOG,
        SCHEMA,
        TABLE,
        FUNCTION;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The catalog and the schema that a name of two parts names. */
    static Query inSchema(String schema) {
        int dot = schema.indexOf('.');
        if (dot < 0) {
            throw new Failure(
                    ExitCode.USAGE, "'" + schema + "' is not the full name of a schema. Write CATALOG.SCHEMA.");
        }
        return Query.none()
                .with("catalog_name", schema.substring(0, dot))
                .with("schema_name", schema.substring(dot + 1));
    }

    /** Says what is worth knowing of a change. */
    static void warn(Session session, Reply changed) {
        for (JsonNode warning : changed.json().path("warnings")) {
            session.printer().note("Note: " + warning.asString(""));
        }
    }
}
