package dev.espalier.cli;

import dev.espalier.cli.client.Directory;
import dev.espalier.cli.client.Directory.Kind;
import dev.espalier.cli.output.View;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** Calls about users. */
@Command(name = "users", description = "People, who sign in with tokens of an identity provider")
final class Users {
    private final Session session;

    Users(Session session) {
        this.session = session;
    }

    @Command(description = "Create a user")
    void create(
            @Parameters(paramLabel = "NAME", description = "the e-mail address, and the role on every branch")
                    String name,
            @Option(names = "--display-name", paramLabel = "TEXT", description = "what people call the user") @Nullable
                    String displayName,
            @Mixin DirectoryOptions options) {
        ObjectNode body = options.given();
        if (displayName != null) {
            body.put("displayName", displayName);
        }
        session.printer().row(directory().create(Kind.USER, name, body), View.USER);
    }

    @Command(description = "List the users")
    void list() {
        session.printer().list(directory().list(Kind.USER), Directory.LIST, View.USER);
    }

    @Command(description = "Change a user")
    void update(@Parameters(paramLabel = "NAME") String name, @Mixin DirectoryOptions options) {
        session.printer().row(directory().update(Kind.USER, name, options.attributes()), View.USER);
    }

    @Command(description = "Remove a user: tokens open nothing from now on")
    void delete(@Parameters(paramLabel = "NAME") String name) {
        directory().delete(Kind.USER, name);
        session.printer().note("Removed " + name);
    }

    private Directory directory() {
        return new Directory(session.api());
    }
}
