package dev.espalier.api.unitycatalog;

import dev.espalier.control.metastore.LiveCatalog;
import dev.espalier.control.metastore.SecurableName;
import java.util.Optional;

/** A schema as the API shows it. */
public record SchemaResource(
        String name, String catalogName, String fullName, String owner, Optional<String> comment, String catalogType) {

    static SchemaResource of(String catalog, LiveCatalog.Schema schema) {
        return new SchemaResource(
                schema.name(),
                catalog,
                SecurableName.of(catalog, schema.name()).toString(),
                schema.owner(),
                schema.comment(),
                "MANAGED_CATALOG");
    }
}
