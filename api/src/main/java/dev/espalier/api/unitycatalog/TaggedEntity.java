package dev.espalier.api.unitycatalog;

import dev.espalier.control.metastore.ColumnName;
import dev.espalier.control.metastore.SecurableNames;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.metastore.TagAssignment;
import dev.espalier.control.metastore.TagAssignments.Entity;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.util.Locale;
import java.util.Optional;

/** What a tag is on, as paths and bodies name it. */
final class TaggedEntity {

    private static final String CATALOGS = "catalogs";
    private static final String SCHEMAS = "schemas";
    private static final String TABLES = "tables";
    private static final String COLUMNS = "columns";

    private TaggedEntity() {}

    static Entity of(String type, String name) {
        return switch (type.toLowerCase(Locale.ROOT)) {
            case CATALOGS, "catalog" -> whole(SecurableType.CATALOG, name);
            case SCHEMAS, "schema" -> whole(SecurableType.SCHEMA, name);
            case TABLES, "table" -> whole(SecurableType.TABLE, name);
            case COLUMNS, "column" -> {
                ColumnName column = SecurableNames.column(name);
                yield new Entity(column.of(), Optional.of(column.column()));
            }
            default ->
                throw new ControlException(
                        Code.INVALID_PARAMETER_VALUE,
                        "\"" + type
                                + "\" is not a type of entity that can be tagged. Write catalogs, schemas, tables or "
                                + "columns.");
        };
    }

    private static Entity whole(SecurableType type, String name) {
        return new Entity(SecurableNames.parse(type, name).name(), Optional.empty());
    }

    static String typeOf(TagAssignment tag) {
        if (tag.column().isPresent()) {
            return COLUMNS;
        }
        if (tag.on().object().isPresent()) {
            return TABLES;
        }
        return tag.on().schema().isPresent() ? SCHEMAS : CATALOGS;
    }

    static String nameOf(TagAssignment tag) {
        return new Entity(tag.on(), tag.column()).toString();
    }
}
