package dev.espalier.api.unitycatalog;

/** The metastore, of which each server has one. Times are milliseconds since 1970. */
public record MetastoreResource(
        String metastoreId,
        String globalMetastoreId,
        String name,
        String privilegeModelVersion,
        boolean externalAccessEnabled) {

    static MetastoreResource of(String id) {
        return new MetastoreResource(id, id, "espalier", "1.0", false);
    }
}
