package dev.espalier.schema.ddl;

import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.SchemaObject;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Rules, triggers and event triggers: what fires, and can be told when not to. That is all there is to say of a partition's
 * shadow of a trigger.
 */
final class FiringSql implements ObjectSql {

    private static final String FIRING = "firing";

    @Override
    public List<String> create(SchemaObject object, List<SchemaObject> parts) {
        if (isShadow(object)) {
            return List.of(fire(object));
        }
        return Stream.concat(
                        Stream.of(definition(object)),
                        object.property(FIRING).stream().map(firing -> fire(object)))
                .toList();
    }

    @Override
    public List<String> drop(SchemaObject object) {
        return isShadow(object) ? List.of() : List.of("DROP " + Reference.of(object));
    }

    @Override
    public Alteration alter(SchemaObject from, SchemaObject to, Set<String> changed) {
        return changed.equals(Set.of(FIRING)) && isShadow(from) == isShadow(to)
                ? new Alteration.InPlace(List.of(fire(to)))
                : new Alteration.Replace();
    }

    private static String definition(SchemaObject object) {
        return object.property("definition")
                .orElseGet(() -> "CREATE " + Reference.of(object) + " ON " + object.required("event")
                        + object.property("tags")
                                .map(tags -> " WHEN TAG IN (" + tags + ")")
                                .orElse("")
                        + " EXECUTE FUNCTION " + object.required("function") + "()");
    }

    private static boolean isShadow(SchemaObject object) {
        return object.is("shadow");
    }

    private static String fire(SchemaObject object) {
        String firing = object.property(FIRING).orElse("origin");
        String action = switch (firing) {
            case "disabled" -> "DISABLE";
            case "origin" -> "ENABLE";
            default -> "ENABLE " + firing.toUpperCase(Locale.ROOT);
        };
        return object.id().kind() == Kind.EVENT_TRIGGER
                ? "ALTER " + Reference.of(object) + " " + action
                : "ALTER TABLE " + object.id().qualifiedName() + " " + action + " "
                        + object.id().kind().keyword() + " " + object.id().quotedPart();
    }
}
