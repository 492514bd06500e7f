package dev.espalier.api.database;

import dev.espalier.control.Database;
import dev.espalier.control.request.ResourceName;

/** A database as the API shows it. */
public record DatabaseResource(String name, String databaseId, String parent, Status status) {

    /** What the database is. */
    public record Status(String databaseId, String postgresDatabase, String role) {}

    public static DatabaseResource of(Database database) {
        ResourceName name = database.name();
        return new DatabaseResource(
                name.toString(),
                database.databaseId(),
                ResourceName.branch(name.project(), name.branch().orElseThrow()).toString(),
                new Status(
                        database.databaseId(),
                        database.postgresDatabase(),
                        database.owner().toString()));
    }
}
