package dev.espalier.cli;

import dev.espalier.cli.client.ApiClient;
import dev.espalier.cli.client.Home;
import dev.espalier.cli.client.Json;
import dev.espalier.cli.client.Operations;
import dev.espalier.cli.client.Pages;
import dev.espalier.cli.client.Query;
import dev.espalier.cli.client.Reply;
import dev.espalier.cli.client.ResourceNames;
import dev.espalier.cli.client.Transport;
import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import dev.espalier.cli.output.Printer;
import dev.espalier.cli.output.Progress;
import dev.espalier.cli.output.View;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One run of the command: what its subcommands call and print with. Nothing is connected to before the first call. */
final class Session {
    private static final URI USUAL_HOST = URI.create("http://127.0.0.1:8400");
    private static final Pattern HOST =
            Pattern.compile("https?://[A-Za-z0-9._-]+(:[0-9]+)?/*|https?://\\[[0-9a-f:]+](:[0-9]+)?/*");

    private final Surroundings surroundings;
    private final GlobalOptions options;
    private @Nullable ApiClient api;

    Session(Surroundings surroundings, GlobalOptions options) {
        this.surroundings = surroundings;
        this.options = options;
    }

    Surroundings surroundings() {
        return surroundings;
    }

    Home home() {
        return Home.of(surroundings.variables(), surroundings.userHome());
    }

    /** From the option, the environment, what the server of this home wrote, the port that one would have, and what is usual, in this order. */
    URI host() {
        return Optional.ofNullable(options.host)
                .or(() -> Optional.ofNullable(surroundings.variables().get("ESPALIER_HOST")))
                .filter(host -> !host.isBlank())
                .map(Session::checkedHost)
                .or(() -> home().server().map(Home.Server::url))
                .or(() -> Optional.ofNullable(surroundings.variables().get("ESPALIER_HTTP_PORT"))
                        .filter(port -> port.matches("[1-9]\\d{0,4}"))
                        .map(port -> URI.create("http://127.0.0.1:" + port)))
                .orElse(USUAL_HOST);
    }

    /** Whether the option names a server. */
    boolean isHostChosen() {
        return options.host != null;
    }

    private static URI checkedHost(String given) {
        if (!HOST.matcher(given).matches()) {
            throw new Failure(
                    ExitCode.USAGE,
                    "'" + given + "' is not the address of a server. Write it like http://127.0.0.1:8400.");
        }
        return URI.create(given.replaceFirst("/+$", ""));
    }

    /** The same for the whole run, so that one sign-in does for all its calls. */
    ApiClient api() {
        if (api == null) {
            api = new ApiClient(
                    transport(host()), surroundings.variables(), home(), surroundings.clock(), printer()::note);
        }
        return api;
    }

    Transport transport(URI host) {
        return new Transport(host, "espalier-cli/" + Version.number());
    }

    ResourceNames names() {
        return new ResourceNames(api(), surroundings.variables());
    }

    Pages pages() {
        return new Pages(api());
    }

    Printer printer() {
        return new Printer(surroundings.out(), surroundings.err(), options.output);
    }

    Progress progress() {
        return new Progress(surroundings.err(), surroundings.terminal());
    }

    /** Prints a list: all of it, or the page that was asked for. */
    void list(String path, String key, View view, Paging paging, Query query) {
        Reply reply = paging.wantsOnePage() ? api().get(path, paging.into(query)) : pages().all(path, key, query);
        printer().list(reply, key, view);
    }

    /** Begins an operation that needs nothing but its name. */
    Reply act(String resource, String verb) {
        return api().post(resource + "/" + verb, Query.none(), Json.object());
    }

    /** Waits for the operation unless told not to, and prints how it stands. */
    void finish(Reply begun, View view, String done) {
        printer().operation(options.wait ? await(begun) : Operations.succeeded(begun), view, done);
    }

    /** Waits for the operation whatever the options say. */
    Reply await(Reply begun) {
        try (Progress progress = progress()) {
            return new Operations(api(), progress::show).await(begun);
        }
    }
}
