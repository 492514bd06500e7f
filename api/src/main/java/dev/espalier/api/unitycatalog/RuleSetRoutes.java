package dev.espalier.api.unitycatalog;

import dev.espalier.api.http.QueryParameter;
import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.control.metastore.Changed;
import dev.espalier.control.metastore.GovernedTag;
import dev.espalier.control.metastore.GovernedTags;
import dev.espalier.control.metastore.TagGrant;
import dev.espalier.control.metastore.TagGrants;
import dev.espalier.control.metastore.TagPrivilege;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The methods for privileges on governed tags, which Databricks keeps in rule sets. */
public final class RuleSetRoutes {

    private static final String ALL = "/api/2.0/preview/accounts/access-control/rule-sets";
    private static final QueryParameter NAME =
            QueryParameter.required("name", "accounts/ACCOUNT/tagPolicies/ID/ruleSets/default.");
    private static final QueryParameter ETAG = QueryParameter.optional("etag", "Not looked at: the newest is shown.");
    private static final QueryParameter PRINCIPAL = QueryParameter.required("principal", RuleSetBody.PRINCIPAL);
    private static final QueryParameter ROLE = QueryParameter.required("role", RuleSetBody.ROLES);

    /** There is one account, whatever it is called. */
    private static final Pattern OF_A_TAG = Pattern.compile("accounts/[^/]*/tagPolicies/([^/]+)/ruleSets/default");

    private final GovernedTags tags;
    private final TagGrants grants;

    public RuleSetRoutes(GovernedTags tags, TagGrants grants) {
        this.tags = tags;
        this.grants = grants;
    }

    public List<Route> routes() {
        return List.of(
                Route.get(
                                ALL,
                                "getRuleSet",
                                "Shows who may manage and assign a governed tag, beside administrators.",
                                RuleSetBody.class,
                                this::get)
                        .query(NAME, ETAG)
                        .forSignedIn(),
                Route.put(
                                ALL,
                                "updateRuleSet",
                                "Says who may manage and assign a governed tag.",
                                RuleSetBody.class,
                                this::update)
                        .body(RuleSetUpdate.class)
                        .forSignedIn(),
                Route.delete(
                                ALL,
                                "deleteRule",
                                "Takes a role on a governed tag from one principal.",
                                RuleSetBody.class,
                                this::take)
                        .query(NAME, PRINCIPAL, ROLE)
                        .forSignedIn());
    }

    private Object get(Request request) {
        String name = request.required(NAME.name());
        return RuleSetBody.of(name, grants.list(key(name)));
    }

    private Object update(Request request) {
        RuleSetUpdate update = request.body(RuleSetUpdate.class);
        String name = UnityCatalog.required(update.name(), "name");
        RuleSetBody wanted = UnityCatalog.required(update.ruleSet(), "rule_set");
        String etag = UnityCatalog.required(wanted.etag(), "etag of rule_set");
        Changed<List<TagGrant>> changed = grants.replace(
                request.principal(),
                key(name),
                before -> RuleSetBody.etag(before).equals(etag),
                wanted.wanted());
        return answer(request, name, changed);
    }

    private Object take(Request request) {
        String name = request.required(NAME.name());
        String key = key(name);
        String principal = RuleSetBody.bare(request.required(PRINCIPAL.name()));
        TagPrivilege privilege = RuleSetBody.privilege(request.required(ROLE.name()));
        Changed<List<TagGrant>> changed = grants.take(request.principal(), key, Set.of(privilege), principal);
        if (changed.before().equals(changed.after())) {
            throw new ControlException(
                    Code.NOT_FOUND,
                    principal + " has not been given " + privilege + " on the governed tag " + key
                            + ". espalier tags grants shows who has.");
        }
        return answer(request, name, changed);
    }

    private static RuleSetBody answer(Request request, String name, Changed<List<TagGrant>> changed) {
        request.changed(
                changed.before().map(before -> RuleSetBody.of(name, before)),
                changed.after().map(after -> RuleSetBody.of(name, after)));
        return RuleSetBody.of(name, changed.after().orElseThrow());
    }

    private String key(String name) {
        Matcher matcher = OF_A_TAG.matcher(name);
        if (!matcher.matches()) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "\"" + name + "\" names no rule set that there is here. Those of governed tags are called "
                            + "accounts/ACCOUNT/tagPolicies/ID/ruleSets/default.");
        }
        String id = matcher.group(1);
        return tags.list().stream()
                .filter(tag -> tag.id().equals(id))
                .map(GovernedTag::key)
                .findFirst()
                .orElse(id);
    }
}
