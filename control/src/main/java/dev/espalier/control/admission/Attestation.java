package dev.espalier.control.admission;

import dev.espalier.control.request.ResourceName;
import java.time.Instant;
import java.util.List;

/**
 * What was proved of a branch, signed.
 *
 * @param uid never used twice
 * @param databases those that are under rules; none where the project has no such catalog. Also those that have a catalog's rules
 *     under another name than its database's, as not governed, with a warning, and those of governed catalogs that the branch
 *     does not have
 * @param signed JSON Web Signature over all of it, compact
 */
public record Attestation(
        String uid, ResourceName branch, Instant verified, String verifiedBy, List<Database> databases, String signed) {

    /**
     * One database.
     *
     * @param present whether the branch has it
     */
    public record Database(String catalog, String database, boolean present, Proof proof) {}

    public Attestation {
        databases = List.copyOf(databases);
    }
}
