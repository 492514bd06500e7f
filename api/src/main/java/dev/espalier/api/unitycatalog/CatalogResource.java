package dev.espalier.api.unitycatalog;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.control.metastore.Catalog;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A catalog as the API shows it. Times are milliseconds since 1970. */
public record CatalogResource(
        String name,
        String fullName,
        Optional<String> owner,
        Optional<String> comment,
        String catalogType,
        String securableType,
        String isolationMode,
        String metastoreId,
        String id,

        @JsonPropertyDescription("The project and the database that it stands for, and whether they are under rules.")
        Map<String, String> properties,

        long createdAt,
        long updatedAt,
        Optional<List<String>> warnings) {

    static CatalogResource of(Catalog catalog, String metastoreId, Optional<List<String>> warnings) {
        return new CatalogResource(
                catalog.name(),
                catalog.name(),
                catalog.owner(),
                catalog.comment(),
                "MANAGED_CATALOG",
                "CATALOG",
                "OPEN",
                metastoreId,
                catalog.uid(),
                Map.of(
                        "project",
                        "projects/" + catalog.projectId(),
                        "database",
                        catalog.database(),
                        "governed",
                        Boolean.toString(catalog.governed())),
                catalog.createTime().toEpochMilli(),
                catalog.updateTime().toEpochMilli(),
                warnings);
    }
}
