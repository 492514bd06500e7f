package dev.espalier.api.branch;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.control.BranchInsight.DatabaseDiff;
import dev.espalier.schema.Action;
import dev.espalier.schema.Change;
import dev.espalier.schema.SchemaDiff;
import java.util.List;
import java.util.Map;

/** What turns the schemas of one branch into those of another, database by database. */
public record SchemaDiffResource(List<DatabaseChanges> databases) {

    /** One database. */
    public record DatabaseChanges(
            String database,

            @JsonPropertyDescription("Whether nothing differs.")
            boolean empty,

            List<ChangeResource> changes,

            @JsonPropertyDescription("The differences for people to read.")
            String text,

            @JsonPropertyDescription("The statements that make all the changes, in order, to run in this database,"
                    + " as one transaction after the labels that enums get. Comments that begin with -- ! are the warnings. The statement that makes or drops the database"
                    + " itself is a comment, as it is run in another one.")
            String ddl) {

        private static DatabaseChanges of(DatabaseDiff database) {
            SchemaDiff diff = database.diff();
            return new DatabaseChanges(
                    database.database(),
                    diff.isEmpty(),
                    diff.changes().stream().map(ChangeResource::of).toList(),
                    diff.toText(),
                    diff.toScript());
        }
    }

    /** One object that differs. */
    public record ChangeResource(
            @JsonPropertyDescription("What it is, in PostgreSQL's words.")
            String kind,

            Action action,

            @JsonPropertyDescription("What it is called, as PostgreSQL's messages spell it.")
            String object,

            @JsonPropertyDescription("The properties that differ, as they were.")
            Map<String, String> before,

            @JsonPropertyDescription("The properties that differ, as they are to be.")
            Map<String, String> after,

            @JsonPropertyDescription("What to know before the statements are run.")
            List<String> warnings,

            List<String> ddl) {

        private static ChangeResource of(Change change) {
            return new ChangeResource(
                    change.kind(),
                    change.action(),
                    change.identity(),
                    change.before(),
                    change.after(),
                    change.warnings(),
                    change.ddl());
        }
    }

    static SchemaDiffResource of(List<DatabaseDiff> databases) {
        return new SchemaDiffResource(
                databases.stream().map(DatabaseChanges::of).toList());
    }
}
