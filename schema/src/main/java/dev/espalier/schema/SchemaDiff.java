package dev.espalier.schema;

import dev.espalier.schema.ddl.Script;
import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What differs between two schemas: as a text for people, as records, and as the statements that turn the one into the
 * other. A renamed object is one removed and one added, as the catalogs do not tell. The order of a table's columns is
 * not compared, as PostgreSQL cannot change it.
 */
public final class SchemaDiff {

    private final List<Change> changes;
    private final List<Statement> statements;

    private SchemaDiff(Comparison comparison) {
        this.changes = comparison.changes();
        this.statements = comparison.statements();
    }

    /**
     * Compares two schemas, which may be of different major versions: what only the newer server can tell is left out.
     * The databases may have different names; what is told is in the name of the first.
     *
     * @param from the schema of the database that {@link #toDdl} is for
     * @param to the schema that it shall have
     */
    public static SchemaDiff between(DatabaseSchema from, DatabaseSchema to) {
        CommonGround ground = CommonGround.of(from, to);
        return new SchemaDiff(new Comparison(ground, Script.between(ground.from(), ground.to())));
    }

    /**
     * A database that is to be made.
     *
     * @param template the schema of template1 on the server that it is to be made on, which a new database starts with
     * @param to the schema that it shall have, of the database whose name it shall have
     */
    public static SchemaDiff ofNewDatabase(DatabaseSchema template, DatabaseSchema to) {
        return between(template.only(id -> id.kind() != Kind.DATABASE), to);
    }

    /** A database that is to be dropped, which is told as one change whatever it holds. */
    public static SchemaDiff ofRemovedDatabase(DatabaseSchema from) {
        return between(from.only(id -> id.kind() == Kind.DATABASE), from.only(id -> false));
    }

    /** True if nothing differs. */
    public boolean isEmpty() {
        return changes.isEmpty();
    }

    /**
     * All differences, by kind and name, the parts of a table or type after it. The statement that makes or drops the
     * database itself is in its change only, as it is run in another database and outside of a transaction.
     */
    public List<Change> changes() {
        return changes;
    }

    /** The differences for people: a line for each object, with the lines that differ in long definitions below it. */
    public String toText() {
        return TextReport.of(changes);
    }

    /**
     * The statements that turn the database that was compared from into the one that was compared to, without semicolons;
     * none if they are equal. They are run in that database, so a new one has to be made before, and there are none for
     * one that is dropped. They keep the rows of every table that both have. Run them in this order, in one transaction
     * or each by itself; {@code ALTER TYPE ... ADD VALUE}, which comes first, has to be committed before the new value is
     * used. Read the {@link Change#warnings} before.
     */
    public List<String> toDdl() {
        List<String> sql = statements.stream()
                .filter(statement -> statement.where() != Script.Where.ELSEWHERE)
                .map(Statement::sql)
                .collect(Collectors.toCollection(ArrayList::new));
        if (!sql.isEmpty()) {
            // Bodies may speak of what is made only later.
            sql.addFirst("SET check_function_bodies = off");
            sql.addLast("RESET check_function_bodies");
        }
        return List.copyOf(sql);
    }

    /**
     * The same as a script to read and to run: with semicolons, and with comments that begin with {@code -- !} for the
     * warnings. It is one transaction, so that a statement that fails leaves everything as it was, but for
     * {@code ALTER TYPE ... ADD VALUE}, which stands before it. The statement that makes or drops the database itself is a
     * comment.
     */
    public String toScript() {
        return ScriptText.of(changes, statements);
    }
}
