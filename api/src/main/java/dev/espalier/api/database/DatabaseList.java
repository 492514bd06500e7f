package dev.espalier.api.database;

import dev.espalier.control.Database;
import dev.espalier.control.request.Page;
import java.util.List;
import java.util.Optional;

/** A page of databases. */
public record DatabaseList(List<DatabaseResource> databases, Optional<String> nextPageToken) {

    static DatabaseList of(Page<Database> page) {
        return new DatabaseList(page.items().stream().map(DatabaseResource::of).toList(), page.nextToken());
    }
}
