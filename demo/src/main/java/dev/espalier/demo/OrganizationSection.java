package dev.espalier.demo;

import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The people of a division and their groups: division, departments, teams. */
final class OrganizationSection {

    private static final String ROOT_REF = Kind.GROUP.ref(Company.ROOT_GROUP);

    private final DivisionPlan plan;

    OrganizationSection(DivisionPlan plan) {
        this.plan = plan;
    }

    Stream<Entity> entities() {
        return Stream.of(
                        plan.division() == 0 ? Stream.of(rootGroup()) : Stream.<Entity>empty(),
                        IntStream.range(0, Kind.GROUP.perDivision()).mapToObj(this::group),
                        IntStream.range(0, Kind.USER.perDivision()).mapToObj(this::user))
                .flatMap(part -> part);
    }

    private Entity rootGroup() {
        EntityBuilder group = plan.entity(Kind.GROUP, Company.ROOT_GROUP, 0)
                .title("Acme")
                .description("The whole company; the switchboard answers all@acme.example.")
                .spec("type", "organization")
                .profile("Acme Inc", "all@acme.example");
        group.spec().withArrayProperty("children");
        return group.build();
    }

    private Entity group(int i) {
        String name = plan.name(Kind.GROUP, i);
        String title = name.replace('-', ' ');
        String type = i == 0 ? "division" : i <= Company.DEPARTMENTS.size() ? "department" : "team";
        Person lead = plan.somebody();
        EntityBuilder group = plan.entity(Kind.GROUP, i)
                .title(title)
                .description("The %s %s. %s takes new requests at %s@acme.example."
                        .formatted(title, type, lead.displayName(), name))
                .annotation(
                        "acme.example/cost-centre",
                        "CC-" + (1000 + plan.random().nextInt(9000)))
                .spec("type", type)
                .profile(title, name + "@acme.example");
        switch (type) {
            case "division" -> group.reference("parent", Company.ROOT_GROUP, RelationType.CHILD_OF, ROOT_REF);
            case "department" -> parent(group, plan.name(Kind.GROUP, 0));
            default -> parent(group, plan.company().department(plan.division(), i));
        }
        group.spec().withArrayProperty("children");
        return group.build();
    }

    private static void parent(EntityBuilder group, String name) {
        group.reference("parent", name, RelationType.CHILD_OF, Kind.GROUP.ref(name));
    }

    private Entity user(int i) {
        Person person = plan.person(i);
        EntityBuilder user = plan.entity(Kind.USER, i)
                .title(person.displayName())
                .annotation("acme.example/employee-id", "E" + (100_000 + plan.division() * Kind.USER.perDivision() + i))
                .annotation("acme.example/phone", person.phone())
                .profile(person.displayName(), person.email());
        user.spec().withObjectProperty("profile").put("picture", "https://img.acme.example/" + person.login() + ".png");
        member(user, plan.company().team(plan.division(), i));
        if (i < Company.NOUNS.size()) {
            // The first member of each team leads it, and sits with the other leads of the department.
            member(user, plan.company().department(plan.division(), i));
        }
        return user.build();
    }

    private static void member(EntityBuilder user, String group) {
        user.element("memberOf", group, RelationType.MEMBER_OF, Kind.GROUP.ref(group));
    }
}
