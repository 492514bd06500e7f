package dev.espalier.cli;

import dev.espalier.cli.client.Query;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Asks for a list as a whole, or for one page of it. */
final class Paging {
    @Option(names = "--page-size", paramLabel = "N", description = "only one page, of at most N items")
    @Nullable
    Integer size;

    @Option(names = "--page-token", paramLabel = "TOKEN", description = "the page after the one that named this token")
    @Nullable
    String token;

    boolean wantsOnePage() {
        return size != null || token != null;
    }

    Query into(Query query) {
        return query.with("page_size", size).with("page_token", token);
    }
}
