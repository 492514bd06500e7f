package dev.espalier.api.unitycatalog;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.control.metastore.TagGrant;
import dev.espalier.control.metastore.TagGrants;
import dev.espalier.control.metastore.TagPrivilege;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/** Who may do what with a governed tag, in the shape of Databricks' rule sets. */
public record RuleSetBody(
        @JsonPropertyDescription(
                "accounts/ACCOUNT/tagPolicies/ID/ruleSets/default; the id is the governed tag's, or its key.")
        Optional<String> name,

        @JsonPropertyDescription("Of what was read; an update is refused when something else is there by then.")
        Optional<String> etag,

        Optional<List<GrantRule>> grantRules) {

    static final String PRINCIPAL =
            "users/NAME, servicePrincipals/CLIENT_ID or groups/NAME; a name alone is read, too.";
    static final String ROLES = "roles/tagPolicy.manager or roles/tagPolicy.assigner.";

    private static final String ROLE = "roles/tagPolicy.";
    private static final Pattern KIND = Pattern.compile("^(users|servicePrincipals|groups)/");

    /** A role, and who has it. */
    public record GrantRule(
            @JsonPropertyDescription(PRINCIPAL) Optional<List<String>> principals,

            @JsonPropertyDescription(ROLES) Optional<String> role) {

        private List<TagGrants.Wanted> wanted() {
            TagPrivilege privilege = privilege(UnityCatalog.required(role, "role of an entry of grant_rules"));
            return principals.orElse(List.of()).stream()
                    .map(principal -> new TagGrants.Wanted(privilege, bare(principal)))
                    .toList();
        }
    }

    /** @throws ControlException if there is no such role */
    static TagPrivilege privilege(String role) {
        return Arrays.stream(TagPrivilege.values())
                .filter(privilege -> role(privilege).equals(role))
                .findFirst()
                .orElseThrow(() -> new ControlException(
                        Code.INVALID_PARAMETER_VALUE,
                        "\"" + role + "\" is not a role on a governed tag. There are roles/tagPolicy.manager and"
                                + " roles/tagPolicy.assigner."));
    }

    /** Names of all kinds are in one space: what kind it is need not be said. */
    static String bare(String principal) {
        return KIND.matcher(principal).replaceFirst("");
    }

    List<TagGrants.Wanted> wanted() {
        List<TagGrants.Wanted> all = new ArrayList<>();
        grantRules.orElse(List.of()).forEach(rule -> all.addAll(rule.wanted()));
        return all;
    }

    static RuleSetBody of(String name, List<TagGrant> grants) {
        List<GrantRule> rules = Arrays.stream(TagPrivilege.values())
                .map(privilege -> new GrantRule(
                        Optional.of(grants.stream()
                                .filter(grant -> grant.privilege() == privilege)
                                .map(RuleSetBody::principal)
                                .toList()),
                        Optional.of(role(privilege))))
                .filter(rule -> !rule.principals().orElseThrow().isEmpty())
                .toList();
        return new RuleSetBody(Optional.of(name), Optional.of(etag(grants)), Optional.of(rules));
    }

    /** The same for the same privileges. */
    static String etag(List<TagGrant> grants) {
        CRC32 sum = new CRC32();
        grants.forEach(grant ->
                sum.update((role(grant.privilege()) + " " + principal(grant) + "\n").getBytes(StandardCharsets.UTF_8)));
        return Long.toHexString(sum.getValue());
    }

    private static String role(TagPrivilege privilege) {
        return ROLE
                + switch (privilege) {
                    case MANAGE -> "manager";
                    case ASSIGN -> "assigner";
                };
    }

    private static String principal(TagGrant grant) {
        return switch (grant.kind()) {
            case USER -> "users/" + grant.principal();
            case SERVICE_PRINCIPAL -> "servicePrincipals/" + grant.id();
            case GROUP -> "groups/" + grant.principal();
        };
    }
}
