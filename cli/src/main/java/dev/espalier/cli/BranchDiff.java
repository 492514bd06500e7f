package dev.espalier.cli;

import static java.util.stream.Collectors.joining;

import dev.espalier.cli.client.Query;
import dev.espalier.cli.client.Reply;
import dev.espalier.cli.client.ResourceNames;
import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code branches diff}: what a branch's schema has that another's has not. */
@Command(name = "diff", description = "Show what turns the schema of another branch into this one's")
final class BranchDiff implements Runnable {

    /** For reading, for a program, or to run. */
    enum Form {
        TEXT,
        JSON,
        DDL;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Session session;

    @Parameters(paramLabel = "BRANCH")
    private String branch = "";

    @Mixin
    private ProjectOption in = new ProjectOption();

    @Option(names = "--against", required = true, paramLabel = "BRANCH", description = "the branch to compare with")
    private String against = "";

    @Option(names = "--database", paramLabel = "NAME", description = "only this database (default: all)")
    private @Nullable String database;

    @Option(
            names = "--format",
            paramLabel = "FORM",
            description =
                    "text to read, ddl to run on the other branch, or json (default: text; json with --output json)")
    private @Nullable Form form;

    BranchDiff(Session session) {
        this.session = session;
    }

    @Override
    public void run() {
        ResourceNames names = session.names();
        Reply reply = session.api()
                .get(
                        names.branch(branch, in.project) + "/schema_diff",
                        Query.none().with("against", against).with("database", database));
        if (form == Form.JSON || (form == null && session.printer().isJson())) {
            session.printer().text(reply.body() + "\n");
        } else {
            session.printer().text(readable(reply.json(), form == Form.DDL));
        }
    }

    /** A script runs in one database: what is for another would be run in a wrong one. */
    private void refuseSeveral(List<String> changed) {
        if (database == null && !changed.isEmpty() && !changed.equals(List.of(Psql.USUAL_DATABASE))) {
            throw new Failure(
                    ExitCode.USAGE,
                    "DDL is for one database. Add --database with one of those that differ ("
                            + changed.stream().map(BranchDiff::onOneLine).collect(joining(", "))
                            + "), and run it in that one.");
        }
    }

    /** A name that has a line's end in it would end the comment. */
    private static String onOneLine(String name) {
        return name.replaceAll("\\p{Cntrl}", " ");
    }

    /** The changed databases' texts, each under its name where there are several. Names are comments, so that DDL stays DDL. */
    private String readable(JsonNode diff, boolean ddl) {
        List<JsonNode> changed = diff.path("databases")
                .valueStream()
                .filter(database -> !database.path("empty").asBoolean(false))
                .toList();
        if (ddl) {
            refuseSeveral(changed.stream()
                    .map(database -> database.path("database").asString(""))
                    .toList());
        }
        boolean named = diff.path("databases").size() > 1;
        return changed.stream()
                .map(database -> (named
                                ? "-- " + onOneLine(database.path("database").asString("")) + "\n"
                                : "")
                        + database.path(ddl ? "ddl" : "text").asString("").stripTrailing()
                        + "\n")
                .collect(joining("\n"));
    }
}
