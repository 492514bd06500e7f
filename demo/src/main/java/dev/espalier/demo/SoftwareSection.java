package dev.espalier.demo;

import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What a division builds and runs: domains, systems, components, APIs and resources. */
final class SoftwareSection {

    /** One component in this many consumes an API of the next division. */
    static final int CROSS_DIVISION_STRIDE = 8;

    private static final List<String> LIFECYCLES = List.of("production", "experimental", "deprecated");
    private static final List<String> LANGUAGES = List.of("java", "go", "python", "typescript", "scala", "kotlin");

    private final DivisionPlan plan;
    private final Company company;
    private final Random random;

    SoftwareSection(DivisionPlan plan) {
        this.plan = plan;
        this.company = plan.company();
        this.random = plan.random();
    }

    Stream<Entity> entities() {
        return Stream.of(
                        IntStream.range(0, Kind.DOMAIN.perDivision()).mapToObj(this::domain),
                        IntStream.range(0, Kind.SYSTEM.perDivision()).mapToObj(this::system),
                        IntStream.range(0, Kind.COMPONENT.perDivision()).mapToObj(this::component),
                        IntStream.range(0, Kind.API.perDivision()).mapToObj(this::api),
                        IntStream.range(0, Kind.RESOURCE.perDivision()).mapToObj(this::resource))
                .flatMap(part -> part);
    }

    private Entity domain(int i) {
        String name = plan.name(Kind.DOMAIN, i);
        return plan.entity(Kind.DOMAIN, i)
                .title(name.replace('-', ' '))
                .description(plan.prose().description(Company.DOMAINS.get(i), plan.somebody(), 25))
                .link("https://wiki.acme.example/" + name, "Wiki")
                .ownedBy(plan.ref(Kind.GROUP, 1 + i))
                .build();
    }

    private Entity system(int i) {
        String domain = plan.name(Kind.DOMAIN, i % Kind.DOMAIN.perDivision());
        return plan.entity(Kind.SYSTEM, i)
                .title(plan.name(Kind.SYSTEM, i).replace('-', ' '))
                .description(plan.prose().description(noun(i), plan.somebody(), 25))
                .tags(noun(i))
                .ownedBy(teamRef(i))
                .reference("domain", domain, RelationType.PART_OF, Kind.DOMAIN.ref(domain))
                .build();
    }

    private Entity component(int i) {
        String name = plan.name(Kind.COMPONENT, i);
        String type = Company.COMPONENT_TYPES.get(i % Company.COMPONENT_TYPES.size());
        Person oncall = plan.somebody();
        EntityBuilder component = plan.entity(Kind.COMPONENT, i)
                .title(noun(i) + " " + type)
                .description(plan.prose().description(noun(i), oncall, 60))
                .tags(plan.pick(LANGUAGES), noun(i))
                .label("acme.example/tier", String.valueOf(1 + random.nextInt(3)))
                .annotation("github.com/project-slug", company.divisionName(plan.division()) + "/" + name)
                .annotation("backstage.io/techdocs-ref", "dir:.")
                .annotation(
                        "pagerduty.com/integration-key", "pd-" + HexFormat.of().toHexDigits(random.nextLong()))
                .annotation("acme.example/oncall-email", oncall.email())
                .link("https://dash.acme.example/" + name, "Dashboard")
                .link("mailto:" + oncall.email(), "On-call")
                .spec("type", type)
                .spec("lifecycle", lifecycle())
                .ownedBy(i % 10 == 0 ? Kind.USER.ref(oncall.login()) : teamRef(systemOf(i)));
        partOfSystem(component, i);
        dependencies(component, i);
        if (random.nextInt(50) == 0) {
            component.problem("Processor PlaceholderProcessor threw an error while preprocessing; caused by Error:"
                    + " Placeholder $text could not read docs/" + name + ".md, last changed by "
                    + oncall.displayName() + " <" + oncall.email() + ">");
        }
        return component.build();
    }

    private void dependencies(EntityBuilder component, int i) {
        if (i < Kind.API.perDivision()) {
            api(component, "providesApis", RelationType.PROVIDES_API, plan.division(), i);
        }
        for (int n = random.nextInt(3); n >= 0; n--) {
            int api = random.nextInt(Kind.API.perDivision());
            api(component, "consumesApis", RelationType.CONSUMES_API, plan.division(), api);
        }
        if (i % CROSS_DIVISION_STRIDE == 0) {
            int api = i / CROSS_DIVISION_STRIDE;
            api(component, "consumesApis", RelationType.CONSUMES_API, plan.nextDivision(), api);
        }
        for (int n = random.nextInt(2); n >= 0; n--) {
            dependsOn(component, plan.ref(Kind.RESOURCE, random.nextInt(Kind.RESOURCE.perDivision())));
        }
        if (i > 0 && random.nextInt(3) == 0) {
            dependsOn(component, plan.ref(Kind.COMPONENT, random.nextInt(i)));
        }
    }

    private void api(EntityBuilder component, String field, RelationType type, int division, int i) {
        String name = company.name(Kind.API, division, i);
        component.element(field, name, type, Kind.API.ref(name));
    }

    private static void dependsOn(EntityBuilder component, String ref) {
        component.element("dependsOn", ref, RelationType.DEPENDS_ON, ref);
    }

    private Entity api(int i) {
        String name = plan.name(Kind.API, i);
        Person contact = plan.somebody();
        EntityBuilder api = plan.entity(Kind.API, i)
                .title(noun(i) + " API")
                .description(plan.prose().description(noun(i), contact, 15))
                .tags("openapi", noun(i))
                .spec("type", "openapi")
                .spec("lifecycle", lifecycle())
                .ownedBy(teamRef(systemOf(i)))
                .spec("definition", OpenApiText.of(name, noun(i), contact, random));
        partOfSystem(api, i);
        return api.build();
    }

    private Entity resource(int i) {
        String store = Company.STORES.get(i % Company.STORES.size());
        EntityBuilder resource = plan.entity(Kind.RESOURCE, i)
                .title(noun(i) + " " + store)
                .description(plan.prose().description(noun(i), plan.somebody(), 15))
                .tags("storage", noun(i))
                .spec("type", store)
                .ownedBy(teamRef(systemOf(i)));
        partOfSystem(resource, i);
        return resource.build();
    }

    private void partOfSystem(EntityBuilder entity, int i) {
        String system = plan.name(Kind.SYSTEM, systemOf(i));
        entity.reference("system", system, RelationType.PART_OF, Kind.SYSTEM.ref(system));
    }

    private static int systemOf(int i) {
        return i % Kind.SYSTEM.perDivision();
    }

    private String teamRef(int i) {
        return Kind.GROUP.ref(company.team(plan.division(), i));
    }

    private String lifecycle() {
        return plan.pick(LIFECYCLES);
    }

    private static String noun(int i) {
        return Company.NOUNS.get(i % Company.NOUNS.size());
    }
}
