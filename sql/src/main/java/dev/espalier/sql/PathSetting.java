package dev.espalier.sql;

import java.util.List;

/**
 * What {@code SET search_path TO …} and {@code SET SCHEMA …} say.
 *
 * @param local whether it holds for the transaction alone
 * @param schemas in their order, as PostgreSQL would look them up; {@code $user} for the user's own
 */
public record PathSetting(boolean local, List<String> schemas) {

    public PathSetting {
        schemas = List.copyOf(schemas);
    }
}
