package dev.espalier.schema.ddl;

import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.ObjectId;
import java.util.Comparator;

/** One thing to do to one object. Steps compare in the order that reads best; what must come first is an edge. */
record Step(Verb verb, ObjectId id) implements Comparable<Step> {

    enum Verb {
        DROP,
        /** Moves a type aside that another of the same name replaces. */
        RENAME,
        CREATE,
        /** Changes a column's type. */
        RETYPE,
        ALTER
    }

    private static final Comparator<Step> ORDER = Comparator.comparingInt(Step::phase)
            .thenComparing(Step::byKind)
            .thenComparing(Step::id)
            .thenComparing(Step::verb);

    private int phase() {
        if (id.kind() == Kind.DATABASE) {
            return -1;
        }
        if (verb == Verb.ALTER && id.kind() == Kind.ENUM) {
            return 0;
        }
        if (id.kind() == Kind.DEFAULT_PRIVILEGES) {
            return 4;
        }
        return switch (verb) {
            case DROP -> 1;
            case RENAME -> 2;
            default -> 3;
        };
    }

    /** What is made last is dropped first. */
    private static int byKind(Step one, Step other) {
        int order = one.id.kind().compareTo(other.id.kind());
        return one.verb == Verb.DROP && other.verb == Verb.DROP ? -order : order;
    }

    @Override
    public int compareTo(Step other) {
        return ORDER.compare(this, other);
    }
}
