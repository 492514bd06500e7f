package dev.espalier.demo;

import java.util.List;
import java.util.Random;

/** What the sections of one division share while it is built: its names, its source of chance and its origins. */
final class DivisionPlan {

    private final Company company;
    private final int division;
    private final Random random;
    private final Prose prose;

    DivisionPlan(Company company, int division) {
        this.company = company;
        this.division = division;
        this.random = company.random(division);
        this.prose = new Prose(random);
    }

    Company company() {
        return company;
    }

    int division() {
        return division;
    }

    /** The division whose APIs this one consumes beside its own; the last one's is the first. */
    int nextDivision() {
        return (division + 1) % company.divisions();
    }

    Random random() {
        return random;
    }

    Prose prose() {
        return prose;
    }

    String name(Kind kind, int i) {
        return company.name(kind, division, i);
    }

    String ref(Kind kind, int i) {
        return company.ref(kind, division, i);
    }

    Person person(int i) {
        return company.person(division, i);
    }

    Person somebody() {
        return person(random.nextInt(Kind.USER.perDivision()));
    }

    String pick(List<String> choices) {
        return prose.pick(choices);
    }

    EntityBuilder entity(Kind kind, int i) {
        return entity(kind, name(kind, i), i);
    }

    /** An entity that is not one of the kind's numbered ones. */
    EntityBuilder entity(Kind kind, String name, int i) {
        return new EntityBuilder(kind, name, origin(kind, i), random);
    }

    private Entity.Origin origin(Kind kind, int i) {
        String registered = company.file(division, Kind.LOCATION.file());
        return new Entity.Origin(source(kind, i), company.file(division, kind.file()), registered);
    }

    private String source(Kind kind, int i) {
        if (kind == Kind.LOCATION) {
            return i == 0 ? Entity.LOCATION_PROVIDER : ref(Kind.LOCATION, 0);
        }
        return ref(Kind.LOCATION, 1 + Company.FILES.indexOf(kind.file()));
    }
}
