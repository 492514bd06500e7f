package dev.espalier.cli;

import dev.espalier.cli.client.Directory;
import dev.espalier.cli.client.Directory.Kind;
import dev.espalier.cli.client.Json;
import dev.espalier.cli.output.View;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Calls about groups. */
@Command(name = "groups", description = "Users, service principals and other groups, to be given something together")
final class Groups {
    private static final String MEMBERS = "users, service principals or groups";

    private final Session session;

    Groups(Session session) {
        this.session = session;
    }

    @Command(description = "Create a group")
    void create(@Parameters(paramLabel = "NAME") String name) {
        session.printer().row(directory().create(Kind.GROUP, name, Json.object()), View.GROUP);
    }

    @Command(description = "List the groups and who is directly in them; members of admins may do everything")
    void list() {
        session.printer().list(directory().list(Kind.GROUP), Directory.LIST, View.GROUP);
    }

    @Command(description = "Put members into a group")
    void add(
            @Parameters(paramLabel = "GROUP") String group,
            @Parameters(paramLabel = "MEMBER", arity = "1..*", description = MEMBERS) List<String> members) {
        session.printer().row(directory().addMembers(group, members), View.GROUP);
    }

    @Command(description = "Take members out of a group")
    void remove(
            @Parameters(paramLabel = "GROUP") String group,
            @Parameters(paramLabel = "MEMBER", arity = "1..*", description = MEMBERS) List<String> members) {
        session.printer().row(directory().removeMembers(group, members), View.GROUP);
    }

    @Command(description = "Remove a group: its members lose what it was given")
    void delete(@Parameters(paramLabel = "NAME") String name) {
        directory().delete(Kind.GROUP, name);
        session.printer().note("Removed " + name);
    }

    private Directory directory() {
        return new Directory(session.api());
    }
}
