package dev.espalier.demo;

import java.util.List;
import java.util.Random;

/**
 * Who and what is called how at Acme. Every name is a function of numbers alone, so that a division can refer to an
 * entity of another one that is not in memory.
 */
final class Company {

    /** Top of the group hierarchy; the only entity that belongs to no division. It is written with division 0. */
    static final String ROOT_GROUP = "acme";

    /** Subjects: one team and at most one system of a division for each. */
    static final List<String> NOUNS = List.of(
            "ledger",
            "invoice",
            "checkout",
            "fraud",
            "session",
            "playlist",
            "track",
            "podcast",
            "recommendation",
            "ranking",
            "profile",
            "consent",
            "token",
            "campaign",
            "auction",
            "billing",
            "royalty",
            "catalog",
            "search",
            "gateway",
            "notifier",
            "scheduler",
            "metrics",
            "audit");

    static final List<String> DEPARTMENTS = List.of("engineering", "data", "infrastructure", "product", "reliability");
    static final List<String> DOMAINS = List.of("core", "insight", "channels", "operations");
    static final List<String> COMPONENT_TYPES = List.of("service", "worker", "website", "pipeline", "library");
    static final List<String> STORES = List.of("db", "topic", "bucket", "cache");
    static final List<String> TEMPLATES = List.of("new-service", "new-library", "new-pipeline", "new-website");

    /** The catalog files of a division, in the order of their Locations; Location 0 is the one that leads to them. */
    static final List<String> FILES = List.of(
            Kind.GROUP.file(),
            Kind.USER.file(),
            Kind.SYSTEM.file(),
            Kind.COMPONENT.file(),
            Kind.API.file(),
            Kind.RESOURCE.file(),
            Kind.TEMPLATE.file());

    private static final List<String> DIVISIONS = List.of(
            "payments",
            "playback",
            "discovery",
            "identity",
            "advertising",
            "platform",
            "logistics",
            "support",
            "insurance",
            "lending",
            "marketplace",
            "mapping",
            "messaging",
            "security",
            "research",
            "finance",
            "people-tools",
            "studio",
            "retail",
            "travel",
            "energy",
            "health",
            "learning",
            "mobility");

    /** Groups of a division: 1 for itself, then the departments, then a team for each noun. */
    private static final int FIRST_TEAM = 1 + DEPARTMENTS.size();

    private final long seed;
    private final int divisions;
    private final People people;

    Company(long seed, int divisions) {
        this.seed = seed;
        this.divisions = divisions;
        this.people = new People(seed);
    }

    int divisions() {
        return divisions;
    }

    /** A source of chance that gives the same sequence whenever this division is built. */
    Random random(int division) {
        // java.util.Random: its algorithm is part of its specification, so the data outlive a change of JDK.
        return new Random(Seed.mix(seed, division + 2L));
    }

    String divisionName(int division) {
        String name = DIVISIONS.get(division % DIVISIONS.size());
        int round = division / DIVISIONS.size();
        return round == 0 ? name : name + "-" + (round + 1);
    }

    Person person(int division, int i) {
        return people.person(global(Kind.USER, division, i));
    }

    String team(int division, int i) {
        return name(Kind.GROUP, division, FIRST_TEAM + i % NOUNS.size());
    }

    String department(int division, int i) {
        return name(Kind.GROUP, division, 1 + i % DEPARTMENTS.size());
    }

    /** Address of a file in the division's repository. */
    String file(int division, String path) {
        return "https://github.acme.example/" + divisionName(division) + "/catalog/blob/main/" + path;
    }

    /** Name of the {@code i}-th entity of a kind in a division. */
    String name(Kind kind, int division, int i) {
        String name = divisionName(division);
        int global = global(kind, division, i);
        String noun = NOUNS.get(i % NOUNS.size());
        return switch (kind) {
            case LOCATION -> i == 0 ? registeredLocation(division) : name + "-" + fileName(FILES.get(i - 1));
            case GROUP -> i == 0 ? name : name + "-" + groupSuffix(i);
            case USER -> person(division, i).login();
            case DOMAIN -> name + "-" + DOMAINS.get(i);
            case SYSTEM -> name + "-" + noun;
            case COMPONENT -> noun + "-" + COMPONENT_TYPES.get(i % COMPONENT_TYPES.size()) + "-" + global;
            case API -> noun + "-api-" + global;
            case RESOURCE -> noun + "-" + STORES.get(i % STORES.size()) + "-" + global;
            case TEMPLATE -> name + "-" + TEMPLATES.get(i);
        };
    }

    String ref(Kind kind, int division, int i) {
        return kind.ref(name(kind, division, i));
    }

    /** Backstage names the Location of a registered address by the address's hash. */
    private String registeredLocation(int division) {
        return "generated-" + Hash.sha1("url:" + file(division, Kind.LOCATION.file()));
    }

    private static String fileName(String path) {
        return path.substring(path.indexOf('/') + 1, path.indexOf('.'));
    }

    private static String groupSuffix(int i) {
        return i < FIRST_TEAM ? DEPARTMENTS.get(i - 1) : NOUNS.get(i - FIRST_TEAM);
    }

    private static int global(Kind kind, int division, int i) {
        return division * kind.perDivision() + i;
    }
}
