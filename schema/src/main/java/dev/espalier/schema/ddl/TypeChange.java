package dev.espalier.schema.ddl;

import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.SchemaObject;
import java.util.ArrayList;
import java.util.List;

/** What becomes of values when a column, an attribute or a domain gets another type. */
final class TypeChange {

    private final DatabaseSchema from;
    private final DatabaseSchema to;

    TypeChange(DatabaseSchema from, DatabaseSchema to) {
        this.from = from;
        this.to = to;
    }

    /** The name of the type that the values have before, domains taken off, without modifiers. */
    String source(SchemaObject before) {
        return from.underDomains(before).detail("type");
    }

    /** The name of the type that the values have after, domains taken off, without modifiers. */
    String target(SchemaObject after) {
        return to.underDomains(after).detail("type");
    }

    /** What to know before the values are assigned to the new type. */
    List<String> warnings(SchemaObject before, SchemaObject after) {
        return warnings(
                from.underDomains(before).required("type"),
                to.underDomains(after).required("type"));
    }

    /** The same for types as format_type spells them, with modifiers. */
    static List<String> warnings(String source, String target) {
        List<String> warnings = new ArrayList<>();
        if (!Widening.keepsEveryValue(source, target)) {
            warnings.add(target + " may not hold every value of " + source
                    + ": one that does not fit is rounded or cut, or makes the statement fail");
        }
        if (Widening.dependsOnTimeZone(source, target)) {
            warnings.add("values are converted by the session's time zone: set the one they are meant in");
        }
        return warnings;
    }
}
