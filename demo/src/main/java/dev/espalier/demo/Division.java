package dev.espalier.demo;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * One division of Acme: 440 entities that refer to each other, and a few to neighbours. It is the unit a catalog is built
 * in, held in memory and written by, so that a catalog of any size takes the memory of one division.
 */
final class Division {

    private final List<Entity> entities;
    private final Map<String, NavigableSet<Relation>> relationsBySource;

    private Division(List<Entity> entities, Map<String, NavigableSet<Relation>> relationsBySource) {
        this.entities = entities;
        this.relationsBySource = relationsBySource;
    }

    /** Builds a division; the same company and index give the same division. */
    static Division of(Company company, int index) {
        DivisionPlan plan = new DivisionPlan(company, index);
        List<Entity> entities = Stream.of(
                        new CatalogSection(plan).entities(),
                        new OrganizationSection(plan).entities(),
                        new SoftwareSection(plan).entities())
                .flatMap(section -> section)
                .toList();
        List<Relation> relations = new ArrayList<>(inbound(company, index));
        entities.forEach(entity -> relations.addAll(entity.relations()));
        Map<String, NavigableSet<Relation>> bySource = new HashMap<>();
        for (Relation relation : relations) {
            bySource.computeIfAbsent(relation.sourceRef(), source -> new TreeSet<>())
                    .add(relation);
        }
        return new Division(entities, bySource);
    }

    List<Entity> entities() {
        return entities;
    }

    /** The Location that leads to all others of the division. */
    Entity registeredLocation() {
        return entities.getFirst();
    }

    /** Every relation that starts at the entity, also those that other divisions declared, in Backstage's order. */
    Iterable<Relation> relationsFrom(Entity entity) {
        return relationsBySource.getOrDefault(entity.ref(), Collections.emptyNavigableSet());
    }

    /** What entities of other divisions declare about this one's. */
    private static List<Relation> inbound(Company company, int index) {
        List<Relation> inbound = new ArrayList<>();
        int previous = Math.floorMod(index - 1, company.divisions());
        for (int i = 0; i < Kind.COMPONENT.perDivision(); i += SoftwareSection.CROSS_DIVISION_STRIDE) {
            String component = company.ref(Kind.COMPONENT, previous, i);
            String api = company.ref(Kind.API, index, i / SoftwareSection.CROSS_DIVISION_STRIDE);
            inbound.add(RelationType.CONSUMES_API.invert(component, api));
        }
        if (index == 0) {
            String root = Kind.GROUP.ref(Company.ROOT_GROUP);
            IntStream.range(0, company.divisions())
                    .mapToObj(division -> company.ref(Kind.GROUP, division, 0))
                    .forEach(group -> inbound.add(RelationType.CHILD_OF.invert(group, root)));
        }
        return inbound;
    }
}
