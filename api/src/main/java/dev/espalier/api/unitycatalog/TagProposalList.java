package dev.espalier.api.unitycatalog;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.control.metastore.TagProposal;
import dev.espalier.control.metastore.TagProposals;
import java.util.List;

/** Tags that columns could be given, all that were found. No value of a column is in it. */
public record TagProposalList(
        List<Proposal> tagProposals,

        @JsonPropertyDescription("Tables that could not be looked at, each with the reason.")
        List<String> notExamined,

        @JsonPropertyDescription("What stands in the way of assigning what is proposed.")
        List<String> warnings) {

    /** One of them. Assigning the tag accepts it. */
    public record Proposal(
            String entityType,
            String entityName,
            String tagKey,
            String tagValue,

            @JsonPropertyDescription("HIGH, MEDIUM or LOW.") String confidence,

            int rows,
            int matching,
            String evidence) {

        static Proposal of(TagProposal proposal) {
            return new Proposal(
                    "columns",
                    proposal.column().toString(),
                    proposal.key(),
                    proposal.value(),
                    proposal.finding().confidence().name(),
                    proposal.finding().rows(),
                    proposal.finding().matching(),
                    proposal.finding().evidence());
        }
    }

    static TagProposalList of(TagProposals.Found found) {
        return new TagProposalList(
                found.proposals().stream().map(Proposal::of).toList(), found.notExamined(), found.remarks());
    }
}
