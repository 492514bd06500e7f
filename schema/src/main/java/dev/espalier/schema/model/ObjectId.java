package dev.espalier.schema.model;

import java.util.Comparator;

/**
 * What an object is called, the same in every database that has it.
 *
 * @param kind what it is
 * @param schema the schema it is in; empty for what is in no schema
 * @param name its name; for a part of a relation or type, the name of that
 * @param part the name of a part within {@code name}, the argument types of a routine, or empty
 */
public record ObjectId(Kind kind, String schema, String name, String part) implements Comparable<ObjectId> {

    private static final Comparator<ObjectId> ORDER = Comparator.comparing(ObjectId::kind)
            .thenComparing(ObjectId::schema)
            .thenComparing(ObjectId::name)
            .thenComparing(ObjectId::part);

    public ObjectId(Kind kind, String schema, String name) {
        this(kind, schema, name, "");
    }

    /** The same name as another kind of object, for example the column of a default. */
    public ObjectId as(Kind other) {
        return new ObjectId(other, schema, name, part);
    }

    /** The object of the given kind that this one is a part of. */
    public ObjectId whole(Kind other) {
        return new ObjectId(other, schema, name, "");
    }

    /** The name without the part, quoted and with its schema, as SQL wants it. */
    public String qualifiedName() {
        return schema.isEmpty() ? Names.quote(name) : Names.quote(schema) + "." + Names.quote(name);
    }

    /** The part's name quoted as SQL wants it. */
    public String quotedPart() {
        return Names.quote(part);
    }

    /** What it is, in PostgreSQL's words. */
    public String label() {
        return kind == Kind.OTHER ? name : kind.label();
    }

    /** The identity without the kind, as PostgreSQL's own messages spell it: {@code public.x.y}, {@code c on public.x}. */
    public String fullName() {
        return switch (kind) {
            case FUNCTION, PROCEDURE, AGGREGATE -> qualifiedName() + "(" + part + ")";
            case COLUMN, ATTRIBUTE, VIEW_COLUMN, IDENTITY, DEFAULT -> qualifiedName() + "." + quotedPart();
            case CONSTRAINT, FOREIGN_KEY, DOMAIN_CONSTRAINT, INDEX, RULE, TRIGGER, POLICY, STATISTICS ->
                nameWithin() + " on " + qualifiedName();
            case INHERITANCE -> "of " + qualifiedName() + " " + nameWithin();
            case DEFAULT_PRIVILEGES ->
                "on " + part + " of " + Names.quote(name) + (schema.isEmpty() ? "" : " in " + Names.quote(schema));
            case OTHER -> part;
            default -> qualifiedName();
        };
    }

    /** What a part is called where it is clear what it is a part of. */
    public String nameWithin() {
        return switch (kind) {
            case STATISTICS -> part;
            case INHERITANCE -> "from " + part;
            default -> kind.isPart() ? quotedPart() : fullName();
        };
    }

    @Override
    public int compareTo(ObjectId other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return label() + " " + fullName();
    }
}
