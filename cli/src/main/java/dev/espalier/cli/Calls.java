package dev.espalier.cli;

import dev.espalier.cli.client.Query;
import dev.espalier.cli.output.View;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Calls about calls. */
@Command(name = "calls", description = "The record of every call of the API")
final class Calls {
    private static final int USUAL_PAGE = 100;

    private final Session session;

    Calls(Session session) {
        this.session = session;
    }

    /** From when on. */
    static final class Since {
        @Option(names = "--since", paramLabel = "TIME", description = "from this time on, such as 2026-11-25T10:00:00Z")
        @Nullable
        Timestamp time;

        @Option(names = "--last", paramLabel = "DURATION", description = "of this long, such as 15m")
        @Nullable
        ShortDuration last;

        Instant instant(Instant now) {
            return time != null ? time.instant() : last != null ? now.minus(last.duration()) : now;
        }
    }

    @Command(description = "List calls, the newest first: one page of them, unless --all is given")
    void list(
            @Mixin Paging paging,
            @Option(names = "--all", description = "all pages") boolean all,
            @Option(names = "--principal", paramLabel = "NAME", description = "only this principal's") @Nullable
                    String principal,
            @ArgGroup @Nullable Since since) {
        Query query = Query.none()
                .with("principal", principal)
                .with(
                        "since",
                        since == null
                                ? null
                                : since.instant(session.surroundings().clock().instant()));
        if (!all && paging.size == null) {
            paging.size = USUAL_PAGE;
        }
        session.list("calls", "calls", View.CALL, paging, query);
    }
}
