package dev.espalier.demo;

import java.util.Comparator;

/** One directed edge between two entities, by their references. */
record Relation(String sourceRef, String type, String targetRef) implements Comparable<Relation> {

    /** Backstage's order within one source: by type, then by target. */
    private static final Comparator<Relation> ORDER = Comparator.comparing(Relation::sourceRef)
            .thenComparing(Relation::type)
            .thenComparing(Relation::targetRef);

    @Override
    public int compareTo(Relation other) {
        return ORDER.compare(this, other);
    }
}
