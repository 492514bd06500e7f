package dev.espalier.schema.ddl;

import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.ObjectId;
import dev.espalier.schema.model.SchemaObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A composite type that makes way for another one of its name. Text tells its values by the places of their attributes, not by
 * name. So the new one is made with the attributes of the old one at their places, takes over the values as text, also those
 * in arrays and in other types, and only then loses and gets the attributes in which the two differ.
 *
 * @param kept the attributes that it is made with: of those that are to go, only the place counts
 * @param gone those that it loses afterwards
 * @param won those that it gets afterwards
 */
record Reshaping(List<SchemaObject> kept, List<SchemaObject> gone, List<SchemaObject> won) {

    static Reshaping of(ObjectId composite, DatabaseSchema from, DatabaseSchema to) {
        List<SchemaObject> old = new ArrayList<>(from.parts(composite, Kind.ATTRIBUTE));
        old.sort(Comparator.comparingInt(attribute -> Integer.parseInt(attribute.detail("position"))));
        List<SchemaObject> kept = new ArrayList<>();
        List<SchemaObject> gone = new ArrayList<>();
        for (SchemaObject attribute : old) {
            to.object(attribute.id()).ifPresentOrElse(kept::add, () -> {
                // Its type may go before the values have moved; every value can be read as text.
                SchemaObject place =
                        new SchemaObject(attribute.id(), Map.of("type", "text"), attribute.details(), Set.of());
                kept.add(place);
                gone.add(place);
            });
        }
        List<SchemaObject> won = to.parts(composite, Kind.ATTRIBUTE).stream()
                .filter(attribute -> from.object(attribute.id()).isEmpty())
                .toList();
        return new Reshaping(kept, gone, won);
    }

    /** True if nothing is left to do once the values have moved over. */
    boolean isEmpty() {
        return gone.isEmpty() && won.isEmpty();
    }
}
