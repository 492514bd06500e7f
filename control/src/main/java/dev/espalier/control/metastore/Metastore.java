package dev.espalier.control.metastore;

import java.time.Clock;
import org.jdbi.v3.core.Jdbi;

/** The services for catalogs and what governs them. */
public final class Metastore {

    private final Jdbi jdbi;
    private final RulesReader rules;
    private final Catalogs catalogs;
    private final Grants grants;
    private final GovernedTags governedTags;
    private final TagGrants tagGrants;
    private final TagAssignments tagAssignments;
    private final Policies policies;
    private final PolicySets policySets;
    private final TagProposals tagProposals;

    public Metastore(
            Jdbi jdbi,
            RulesReader rules,
            Inventory live,
            ColumnSamples samples,
            RunningBranches branches,
            MaskFunctions library,
            Clock clock) {
        this.jdbi = jdbi;
        this.rules = rules;
        Inventory inventory = new RememberedInventory(jdbi, live);
        Changes changes = new Changes(jdbi, rules, branches);
        this.catalogs = new Catalogs(jdbi, changes, inventory, clock);
        this.grants = new Grants(jdbi, changes, inventory, library);
        this.governedTags = new GovernedTags(jdbi, clock);
        this.tagGrants = new TagGrants(jdbi);
        this.tagAssignments = new TagAssignments(jdbi, changes, inventory, clock);
        this.policies = new Policies(jdbi, changes, inventory, library, clock);
        this.policySets = new PolicySets(jdbi, changes, inventory, policies, clock);
        this.tagProposals = new TagProposals(jdbi, changes, inventory, samples);
    }

    /** Writes what policies reach, which an older Espalier has not. */
    public void start() {
        jdbi.useTransaction(handle -> CatalogTable.governed(handle)
                .forEach(catalog -> ReachTable.put(handle, catalog, rules.read(handle, catalog))));
    }

    public Catalogs catalogs() {
        return catalogs;
    }

    public Grants grants() {
        return grants;
    }

    public GovernedTags governedTags() {
        return governedTags;
    }

    public TagGrants tagGrants() {
        return tagGrants;
    }

    public TagAssignments tagAssignments() {
        return tagAssignments;
    }

    public TagProposals tagProposals() {
        return tagProposals;
    }

    public Policies policies() {
        return policies;
    }

    public PolicySets policySets() {
        return policySets;
    }
}
