package dev.espalier.api.unitycatalog;

import dev.espalier.api.http.QueryParameter;
import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.api.wire.NoFields;
import dev.espalier.control.metastore.SecurableNames;
import dev.espalier.control.metastore.TagProposals;
import java.util.List;
import java.util.Optional;

/** The methods for tags that are proposed for columns which look personal. */
public final class TagProposalRoutes {

    private static final String ALL = UnityCatalog.ROOT + "/tag-proposals";
    private static final QueryParameter TYPE =
            QueryParameter.required("securable_type", "What to look at: catalog, schema or table.");
    private static final QueryParameter NAME = QueryParameter.required("full_name", "Its full name.");
    private static final QueryParameter KEY =
            QueryParameter.optional("tag_key", "Key of the tag to propose; " + TagProposals.KEY + " unless given.");

    private final TagProposals proposals;

    public TagProposalRoutes(TagProposals proposals) {
        this.proposals = proposals;
    }

    public List<Route> routes() {
        return List.of(
                Route.get(
                                ALL,
                                "listTagProposals",
                                "Looks at names and at samples of columns, and proposes tags for those that look personal.",
                                TagProposalList.class,
                                this::list)
                        .query(TYPE, NAME, KEY)
                        .forSignedIn(),
                Route.post(
                                ALL + "/dismiss",
                                "dismissTagProposal",
                                "Does not propose a tag for a column again.",
                                NoFields.class,
                                this::dismiss)
                        .body(DismissedProposal.class)
                        .forSignedIn());
    }

    private Object list(Request request) {
        return TagProposalList.of(proposals.find(
                request.principal(),
                UnityCatalog.securable(request.required(TYPE.name()), request.required(NAME.name())),
                request.query(KEY.name()).orElse(TagProposals.KEY)));
    }

    private Object dismiss(Request request) {
        DismissedProposal wanted = request.body(DismissedProposal.class);
        proposals.dismiss(
                request.principal(),
                SecurableNames.column(UnityCatalog.required(wanted.entityName(), "entity_name")),
                wanted.tagKey().orElse(TagProposals.KEY),
                UnityCatalog.required(wanted.tagValue(), "tag_value"));
        request.changed(Optional.empty(), Optional.of(wanted));
        return new NoFields();
    }
}
