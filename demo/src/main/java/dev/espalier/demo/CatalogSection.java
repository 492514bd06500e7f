package dev.espalier.demo;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/** How the catalog itself is kept: the Locations that lead to a division's files, and the Templates for new software. */
final class CatalogSection {

    private final DivisionPlan plan;

    CatalogSection(DivisionPlan plan) {
        this.plan = plan;
    }

    Stream<Entity> entities() {
        return Stream.of(
                        Stream.of(registeredLocation()),
                        IntStream.range(1, Kind.LOCATION.perDivision()).mapToObj(this::fileLocation),
                        IntStream.range(0, Kind.TEMPLATE.perDivision()).mapToObj(this::template))
                .flatMap(part -> part);
    }

    private Entity registeredLocation() {
        return plan.entity(Kind.LOCATION, 0)
                .spec("type", "url")
                .spec("target", plan.company().file(plan.division(), Kind.LOCATION.file()))
                .spec("presence", "required")
                .build();
    }

    private Entity fileLocation(int i) {
        EntityBuilder location = plan.entity(Kind.LOCATION, i).spec("type", "url");
        location.spec().withArrayProperty("targets").add("./" + Company.FILES.get(i - 1));
        return location.build();
    }

    private Entity template(int i) {
        Person author = plan.somebody();
        String what = Company.TEMPLATES.get(i);
        EntityBuilder template = plan.entity(Kind.TEMPLATE, i)
                .title(what.replace('-', ' ') + " for " + plan.company().divisionName(plan.division()))
                .description("Creates a repository, a pipeline and a catalog entry. Kept by " + author.displayName()
                        + " <" + author.email() + ">.")
                .tags("recommended", plan.pick(List.of("java", "go", "python", "typescript")))
                .ownedBy(plan.ref(Kind.GROUP, 1))
                .spec("type", what.substring("new-".length()));
        ObjectNode form = template.spec().withArrayProperty("parameters").addObject();
        form.put("title", "About the component");
        form.withArrayProperty("required").add("name").add("owner");
        ObjectNode fields = form.withObjectProperty("properties");
        fields.withObjectProperty("name").put("type", "string").put("title", "Name");
        fields.withObjectProperty("owner").put("type", "string").put("ui:field", "OwnerPicker");
        template.spec()
                .withArrayProperty("steps")
                .addObject()
                .put("id", "fetch")
                .put("name", "Fetch the skeleton")
                .put("action", "fetch:template");
        template.spec()
                .withArrayProperty("steps")
                .addObject()
                .put("id", "publish")
                .put("name", "Publish")
                .put("action", "publish:github");
        return template.build();
    }
}
