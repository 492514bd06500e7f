package dev.espalier.schema.ddl;

import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.Names;
import dev.espalier.schema.model.ObjectId;
import dev.espalier.schema.model.SchemaObject;

/** How statements about any kind of object name it. */
final class Reference {

    private Reference() {}

    /** The object after its key word, as COMMENT ON, ALTER and DROP take it. */
    static String of(SchemaObject object) {
        return object.id().kind().keyword() + " " + name(object);
    }

    private static String name(SchemaObject object) {
        ObjectId id = object.id();
        return switch (id.kind()) {
            case FUNCTION, PROCEDURE -> id.fullName();
            case AGGREGATE -> id.qualifiedName() + "(" + object.detail("signature") + ")";
            case COLUMN, ATTRIBUTE, VIEW_COLUMN -> id.fullName();
            case DOMAIN_CONSTRAINT -> id.quotedPart() + " ON DOMAIN " + id.qualifiedName();
            case CONSTRAINT, FOREIGN_KEY, RULE, TRIGGER, POLICY -> id.quotedPart() + " ON " + id.qualifiedName();
            case INDEX -> index(id);
            case STATISTICS -> id.part();
            case IDENTITY -> object.required("sequence");
            default -> id.qualifiedName();
        };
    }

    /** The qualified name of an index, or of the index of a constraint. */
    static String index(ObjectId id) {
        return Names.quote(id.schema()) + "." + id.quotedPart();
    }

    /** The key words of GRANT ... ON for a kind; empty if it has no privileges. */
    static String grantable(Kind kind) {
        return switch (kind) {
            case TABLE, VIEW, MATERIALIZED_VIEW, COLUMN, VIEW_COLUMN -> "TABLE";
            case SEQUENCE, IDENTITY -> "SEQUENCE";
            case FUNCTION, AGGREGATE -> "FUNCTION";
            case PROCEDURE -> "PROCEDURE";
            case DATABASE -> "DATABASE";
            case SCHEMA -> "SCHEMA";
            case ENUM, RANGE, COMPOSITE -> "TYPE";
            case DOMAIN -> "DOMAIN";
            default -> "";
        };
    }
}
