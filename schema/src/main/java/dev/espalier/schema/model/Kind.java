package dev.espalier.schema.model;

import java.util.Locale;

/**
 * The kinds of object a schema is made of, in the order in which they are made: what comes later may need what comes
 * earlier, and is dropped before it.
 */
public enum Kind {
    /** The database itself: there is one in a schema that was read. */
    DATABASE("database"),
    SCHEMA("schema"),
    EXTENSION("extension"),
    COLLATION("collation"),
    ENUM("enum"),
    RANGE("range type"),
    DOMAIN("domain"),
    DOMAIN_CONSTRAINT("domain constraint"),
    COMPOSITE("composite type"),
    ATTRIBUTE("attribute"),
    SEQUENCE("sequence"),
    FUNCTION("function"),
    PROCEDURE("procedure"),
    AGGREGATE("aggregate"),
    TABLE("table"),
    INHERITANCE("inheritance"),
    COLUMN("column"),
    /** The default of a column; told as a property of the column, ordered by itself. */
    DEFAULT("default"),
    IDENTITY("identity"),
    /** The column that owns a sequence; told as a property of the sequence, ordered by itself. */
    OWNED_BY("owner of sequence"),
    /** The composite type that a table is of; told as a property of the table, ordered by itself. */
    OF_TYPE("type of table"),
    CONSTRAINT("constraint"),
    INDEX("index"),
    STATISTICS("statistics"),
    VIEW("view"),
    MATERIALIZED_VIEW("materialized view"),
    /** A column of a view that has a default, a comment or privileges of its own. */
    VIEW_COLUMN("view column"),
    RULE("rule"),
    TRIGGER("trigger"),
    POLICY("policy"),
    FOREIGN_KEY("foreign key"),
    EVENT_TRIGGER("event trigger"),
    DEFAULT_PRIVILEGES("default privileges"),
    /** What is told only when it comes or goes: its id's name is its kind in PostgreSQL's words, the part its identity. */
    OTHER("other");

    private final String label;

    Kind(String label) {
        this.label = label;
    }

    /** The kind's name in the words of PostgreSQL's documentation, in lower case. */
    public String label() {
        return label;
    }

    /** True for what is a part of another object's definition and told as a property of it. */
    public boolean isAspect() {
        return this == DEFAULT || this == OWNED_BY || this == OF_TYPE;
    }

    /** True for what belongs to a relation, type or sequence and goes with it. */
    public boolean isPart() {
        return switch (this) {
            case DOMAIN_CONSTRAINT, ATTRIBUTE, INHERITANCE, COLUMN, DEFAULT, IDENTITY, OWNED_BY, CONSTRAINT, INDEX ->
                true;
            case OF_TYPE, STATISTICS, VIEW_COLUMN, RULE, TRIGGER, POLICY, FOREIGN_KEY -> true;
            default -> false;
        };
    }

    /** The words that name the kind in ALTER, DROP and COMMENT. */
    public String keyword() {
        return switch (this) {
            case ENUM, RANGE, COMPOSITE -> "TYPE";
            case CONSTRAINT, FOREIGN_KEY, DOMAIN_CONSTRAINT -> "CONSTRAINT";
            case ATTRIBUTE, VIEW_COLUMN -> "COLUMN";
            case IDENTITY -> "SEQUENCE";
            default -> label.toUpperCase(Locale.ROOT);
        };
    }
}
