package dev.espalier.schema.ddl;

import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.ObjectId;
import dev.espalier.schema.model.SchemaObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Enums. Labels are added in place; to lose or reorder labels the type is replaced. */
final class EnumSql implements ObjectSql {

    private static final Pattern LITERAL = Pattern.compile("E?'(?:[^']|'')*'");

    @Override
    public List<String> create(SchemaObject object, List<SchemaObject> parts) {
        return List.of("CREATE " + Reference.of(object) + " AS ENUM ("
                + object.property("labels").orElse("") + ")");
    }

    @Override
    public List<String> drop(SchemaObject object) {
        return List.of("DROP " + Reference.of(object));
    }

    @Override
    public Alteration alter(SchemaObject from, SchemaObject to, Set<String> changed) {
        List<String> before = labels(from);
        List<String> after = labels(to);
        List<String> kept = new ArrayList<>(after);
        kept.retainAll(before);
        if (!kept.equals(before)) {
            return new Alteration.Replace(
                    List.of("values are converted through text: fails while a row holds a label that is gone"));
        }
        List<String> statements = new ArrayList<>();
        for (int i = 0; i < after.size(); i++) {
            if (!before.contains(after.get(i))) {
                statements.add(addValue(to.id()) + after.get(i) + place(before, after, i));
            }
        }
        return new Alteration.InPlace(
                statements,
                List.of("the label is committed before the rest, which may use it, and stays if the rest fails"));
    }

    /** True for a statement about the enum that gives it a label, which can be used once it is committed. */
    static boolean addsLabel(ObjectId id, String sql) {
        return id.kind() == Kind.ENUM && sql.startsWith(addValue(id));
    }

    private static String addValue(ObjectId id) {
        return "ALTER TYPE " + id.qualifiedName() + " ADD VALUE ";
    }

    /** Where the label at {@code i} goes: after the one before it, which is there by now. */
    private static String place(List<String> before, List<String> after, int i) {
        if (i > 0) {
            return " AFTER " + after.get(i - 1);
        }
        return before.isEmpty() ? "" : " BEFORE " + before.getFirst();
    }

    private static List<String> labels(SchemaObject object) {
        return LITERAL.matcher(object.property("labels").orElse(""))
                .results()
                .map(MatchResult::group)
                .toList();
    }
}
