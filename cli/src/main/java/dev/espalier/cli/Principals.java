package dev.espalier.cli;

import dev.espalier.cli.client.Directory;
import dev.espalier.cli.client.Directory.Kind;
import dev.espalier.cli.client.Json;
import dev.espalier.cli.client.Query;
import dev.espalier.cli.client.Reply;
import dev.espalier.cli.output.View;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Calls about service principals. */
@Command(name = "principals", description = "Programs, which sign in with a client id and a secret")
final class Principals {
    private static final String ADMINISTRATORS = "admins";

    private final Session session;

    Principals(Session session) {
        this.session = session;
    }

    @Command(description = "Create a service principal; the output shows its secret, this once")
    void create(
            @Parameters(paramLabel = "NAME", description = "what it is known by, and its role on every branch")
                    String name,
            @Option(names = "--administrator", description = "it may do everything: it joins the group admins")
                    boolean administrator) {
        JsonNode made = directory().create(Kind.PRINCIPAL, name, Json.object()).json();
        if (administrator) {
            directory().addMembers(ADMINISTRATORS, List.of(name));
        }
        JsonNode secret = session.api()
                .post(directory().secretsOf(made.path("id").asString("")), Query.none(), Json.object())
                .json();
        ObjectNode shown = Json.object();
        shown.put("name", name);
        shown.set("client_id", made.path("applicationId"));
        shown.set("client_secret", secret.path("secret"));
        session.printer().row(new Reply(shown.toString(), shown), View.NEW_PRINCIPAL);
    }

    @Command(description = "List the service principals")
    void list() {
        session.printer().list(directory().list(Kind.PRINCIPAL), Directory.LIST, View.PRINCIPAL);
    }

    @Command(description = "Change a service principal")
    void update(@Parameters(paramLabel = "NAME") String name, @Mixin DirectoryOptions options) {
        session.printer().row(directory().update(Kind.PRINCIPAL, name, options.attributes()), View.PRINCIPAL);
    }

    @Command(description = "Make another secret for a service principal; the output shows it, this once")
    void secret(
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--lifetime", paramLabel = "DURATION", description = "for how long, such as 90d") @Nullable
                    ShortDuration lifetime) {
        ObjectNode body = Json.object();
        if (lifetime != null) {
            body.put("lifetime", lifetime.toString());
        }
        session.printer().row(session.api().post(directory().secrets(name), Query.none(), body), View.NEW_SECRET);
    }

    @Command(description = "List the secrets of a service principal, without the secrets")
    void secrets(@Parameters(paramLabel = "NAME") String name) {
        session.printer().list(session.api().get(directory().secrets(name), Query.none()), "secrets", View.SECRET);
    }

    @Command(description = "Revoke a secret: it opens nothing from now on")
    void revoke(@Parameters(paramLabel = "NAME") String name, @Parameters(paramLabel = "SECRET_ID") String secret) {
        session.api().delete(directory().secrets(name) + "/" + secret, Query.none());
        session.printer().note("Revoked " + secret);
    }

    @Command(description = "Remove a service principal: its secrets and its tokens open nothing from now on")
    void delete(@Parameters(paramLabel = "NAME") String name) {
        directory().delete(Kind.PRINCIPAL, name);
        session.printer().note("Removed " + name);
    }

    private Directory directory() {
        return new Directory(session.api());
    }
}
