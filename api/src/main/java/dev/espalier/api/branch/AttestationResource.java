package dev.espalier.api.branch;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.control.admission.Attestation;
import java.time.Instant;
import java.util.List;

/** What was proved of a branch. */
public record AttestationResource(
        String id,
        String branch,
        Instant verifyTime,
        String verifiedBy,
        List<Database> databases,

        @JsonPropertyDescription(
                "JSON Web Signature over all of it, compact; /oidc/jwks.json has the keys to check it with.")
        String signed) {

    /** The database of a catalog that has been under rules, or one that has such rules under a name which no change of them reaches. */
    public record Database(
            String catalog,
            String database,

            @JsonPropertyDescription("Whether the branch has it.")
            boolean present,

            @JsonPropertyDescription(
                    "Whether it is under its catalog's rules. One without any left is not. One that is the catalog's database, or a"
                            + " copy of it, under another name is not; a warning says how to undo that.")
            boolean governed,

            @JsonPropertyDescription("Of the last change of grants, tags, policies and groups that is in it.")
            long epoch,

            @JsonPropertyDescription("SHA-256 over all that is compiled into it.")
            String frame,

            @JsonPropertyDescription("What was looked for; of each nothing was found. None where it is not governed.")
            List<String> checks,

            List<String> warnings) {

        static Database of(Attestation.Database database) {
            return new Database(
                    database.catalog(),
                    database.database(),
                    database.present(),
                    database.proof().governed(),
                    database.proof().epoch(),
                    database.proof().frame(),
                    database.proof().checks(),
                    database.proof().remarks());
        }
    }

    static AttestationResource of(Attestation attestation) {
        return new AttestationResource(
                attestation.uid(),
                attestation.branch().toString(),
                attestation.verified(),
                attestation.verifiedBy(),
                attestation.databases().stream().map(Database::of).toList(),
                attestation.signed());
    }
}
