package dev.espalier.demo;

/** Relations of Backstage's model, each with the name it has seen from the other end. */
enum RelationType {
    OWNED_BY("ownedBy", "ownerOf"),
    PART_OF("partOf", "hasPart"),
    MEMBER_OF("memberOf", "hasMember"),
    CHILD_OF("childOf", "parentOf"),
    PROVIDES_API("providesApi", "apiProvidedBy"),
    CONSUMES_API("consumesApi", "apiConsumedBy"),
    DEPENDS_ON("dependsOn", "dependencyOf");

    private final String label;
    private final String inverse;

    RelationType(String label, String inverse) {
        this.label = label;
        this.inverse = inverse;
    }

    /** The relation as its declaring entity sees it. */
    Relation declare(String sourceRef, String targetRef) {
        return new Relation(sourceRef, label, targetRef);
    }

    /** The same relation as its target sees it. */
    Relation invert(String sourceRef, String targetRef) {
        return new Relation(targetRef, inverse, sourceRef);
    }
}
