package dev.espalier.schema;

import dev.espalier.schema.ddl.Script;
import dev.espalier.schema.model.DatabaseSchema;
import java.util.ArrayList;
import java.util.List;

/**
 * What differs between two schemas: as a text for people, as records, and as the statements that turn the one into the
 * other. A renamed object is one removed and one added, as the catalogs do not tell. The order of a table's columns is
 * not compared, as PostgreSQL cannot change it.
 */
public final class SchemaDiff {

    private final List<Change> changes;
    private final List<String> ddl;

    private SchemaDiff(List<Change> changes, List<String> ddl) {
        this.changes = changes;
        this.ddl = ddl;
    }

    /**
     * Compares two schemas, which may be of different major versions: what only the newer server can tell is left out.
     *
     * @param from the schema of the database that {@link #toDdl} is for
     * @param to the schema that it shall have
     */
    public static SchemaDiff between(DatabaseSchema from, DatabaseSchema to) {
        CommonGround ground = CommonGround.of(from, to);
        Script script = Script.between(ground.from(), ground.to());
        return new SchemaDiff(new Comparison(ground, script).changes(), statements(script));
    }

    /** True if nothing differs. */
    public boolean isEmpty() {
        return changes.isEmpty();
    }

    /** All differences, by kind and name, the parts of a table or type after it. */
    public List<Change> changes() {
        return changes;
    }

    /** The differences for people: a line for each object, with the lines that differ in long definitions below it. */
    public String toText() {
        return TextReport.of(changes);
    }

    /**
     * The statements that turn the database that was compared from into the one that was compared to, without semicolons;
     * none if they are equal. They keep the rows of every table that both have. Run them in this order, in one transaction
     * or each by itself; {@code ALTER TYPE ... ADD VALUE}, which comes first, has to be committed before the new value is
     * used. Read the {@link Change#warnings} before.
     */
    public List<String> toDdl() {
        return ddl;
    }

    private static List<String> statements(Script script) {
        if (script.lines().isEmpty()) {
            return List.of();
        }
        // Bodies may speak of what is made only later.
        List<String> statements = new ArrayList<>();
        statements.add("SET check_function_bodies = off");
        script.lines().forEach(line -> statements.add(line.sql()));
        statements.add("RESET check_function_bodies");
        return List.copyOf(statements);
    }
}
