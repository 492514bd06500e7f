package dev.espalier.server.door;

import dev.espalier.control.metastore.Backticks;
import dev.espalier.control.metastore.Changed;
import dev.espalier.control.metastore.DefinedPolicy;
import dev.espalier.control.metastore.GovernedTag;
import dev.espalier.control.metastore.Grant;
import dev.espalier.control.metastore.Grants;
import dev.espalier.control.metastore.Metastore;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.PolicyDefinition;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableNames;
import dev.espalier.control.metastore.TagAssignment;
import dev.espalier.control.metastore.TagPrivilege;
import dev.espalier.control.request.ControlException;
import dev.espalier.governance.statement.GovernanceStatement;
import dev.espalier.governance.statement.GovernanceStatement.AlterGovernedTag;
import dev.espalier.governance.statement.GovernanceStatement.CreateGovernedTag;
import dev.espalier.governance.statement.GovernanceStatement.CreatePolicy;
import dev.espalier.governance.statement.GovernanceStatement.DescribePolicy;
import dev.espalier.governance.statement.GovernanceStatement.DropGovernedTag;
import dev.espalier.governance.statement.GovernanceStatement.DropPolicy;
import dev.espalier.governance.statement.GovernanceStatement.GrantOnTag;
import dev.espalier.governance.statement.GovernanceStatement.GrantPrivileges;
import dev.espalier.governance.statement.GovernanceStatement.RevokeOnTag;
import dev.espalier.governance.statement.GovernanceStatement.RevokePrivileges;
import dev.espalier.governance.statement.GovernanceStatement.SetComment;
import dev.espalier.governance.statement.GovernanceStatement.SetOwner;
import dev.espalier.governance.statement.GovernanceStatement.SetTags;
import dev.espalier.governance.statement.GovernanceStatement.ShowGovernedTags;
import dev.espalier.governance.statement.GovernanceStatement.ShowGrants;
import dev.espalier.governance.statement.GovernanceStatement.ShowPolicies;
import dev.espalier.governance.statement.GovernanceStatement.ShowTagGrants;
import dev.espalier.governance.statement.GovernanceStatement.UnsetTags;
import dev.espalier.identity.Principal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/** Carries statements of governance out, and says with which query PostgreSQL gives the answer. */
final class GovernanceExecutor {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Metastore metastore;

    GovernanceExecutor(Metastore metastore) {
        this.metastore = metastore;
    }

    /** What the record calls it: the name of the API's method that does the same. */
    static String operation(GovernanceStatement statement) {
        return switch (statement) {
            case GrantPrivileges _, RevokePrivileges _ -> "updatePermissions";
            case ShowGrants _ -> "getPermissions";
            case CreateGovernedTag _ -> "createTagPolicy";
            case AlterGovernedTag _ -> "updateTagPolicy";
            case GrantOnTag _, RevokeOnTag _ -> "updateRuleSet";
            case ShowTagGrants _ -> "getRuleSet";
            case DropGovernedTag _ -> "deleteTagPolicy";
            case ShowGovernedTags _ -> "listTagPolicies";
            case SetTags _ -> "createEntityTagAssignment";
            case UnsetTags _ -> "deleteEntityTagAssignment";
            case CreatePolicy _ -> "createPolicy";
            case DropPolicy _ -> "deletePolicy";
            case ShowPolicies _ -> "listPolicies";
            case DescribePolicy _ -> "getPolicy";
            case SetOwner _, SetComment _ -> "updateCatalog";
        };
    }

    /**
     * @param record takes what was there before and after
     * @return what is sent to PostgreSQL in the statement's place
     * @throws ControlException for what is refused
     */
    String run(Principal who, GovernanceStatement statement, Map<String, String> record) {
        return switch (statement) {
            case GrantPrivileges(Set<Privilege> privileges, Securable on, String principal) ->
                done(
                        metastore.grants().update(who, on, List.of(new Grants.Change(principal, privileges, Set.of()))),
                        record);
            case RevokePrivileges(Set<Privilege> privileges, Securable on, String principal) ->
                done(
                        metastore.grants().update(who, on, List.of(new Grants.Change(principal, Set.of(), privileges))),
                        record);
            case ShowGrants(Optional<String> principal, Securable on, boolean effective) ->
                grants(
                        effective
                                ? metastore.grants().effective(who, on, principal)
                                : metastore.grants().of(who, on, principal));
            case CreateGovernedTag(String key, Optional<String> description, List<String> values) ->
                done(metastore.governedTags().create(who, key, description, values), record);
            case AlterGovernedTag(String key, Optional<String> description, Optional<List<String>> values) ->
                done(
                        metastore
                                .governedTags()
                                .update(
                                        who,
                                        key,
                                        before -> new GovernedTag(
                                                key,
                                                before.id(),
                                                description.or(before::description),
                                                values.orElse(before.values()),
                                                before.createTime(),
                                                before.updateTime())),
                        record);
            case GrantOnTag(Set<TagPrivilege> privileges, String key, String principal) ->
                done(metastore.tagGrants().give(who, key, privileges, principal), record);
            case RevokeOnTag(Set<TagPrivilege> privileges, String key, String principal) ->
                done(metastore.tagGrants().take(who, key, privileges, principal), record);
            case ShowTagGrants(String key) ->
                AnswerQuery.rows(
                        List.of("principal", "action_type", "object_type", "object_key"),
                        metastore.tagGrants().list(key).stream()
                                .map(grant -> List.of(
                                        grant.principal(), grant.privilege().name(), "GOVERNED TAG", key))
                                .toList());
            case DropGovernedTag(String key) -> done(metastore.governedTags().delete(who, key), record);
            case ShowGovernedTags() ->
                AnswerQuery.rows(
                        List.of("tag_key", "values", "description"),
                        metastore.governedTags().list().stream()
                                .map(tag -> List.of(
                                        tag.key(),
                                        String.join(", ", tag.values()),
                                        tag.description().orElse("")))
                                .toList());
            case SetTags tags -> doneByKey(metastore.tagAssignments().set(who, tags.on(), tags.tags()), record);
            case UnsetTags tags -> doneByKey(metastore.tagAssignments().unset(who, tags.on(), tags.keys()), record);
            case CreatePolicy(PolicyDefinition policy, boolean orReplace) ->
                done(
                        orReplace
                                ? metastore.policies().createOrReplace(who, policy)
                                : metastore.policies().create(who, policy),
                        record);
            case DropPolicy(String name, Securable on) ->
                done(metastore.policies().delete(who, on, name), record);
            case ShowPolicies(Securable on, boolean effective) ->
                policies(metastore.policies().list(who, on, effective));
            case DescribePolicy(String name, Securable on) ->
                policies(List.of(metastore.policies().get(who, on, name)));
            case SetOwner(String catalog, String owner) ->
                done(metastore.catalogs().update(who, catalog, Optional.of(owner), Optional.empty()), record);
            case SetComment(String catalog, String comment) ->
                done(metastore.catalogs().update(who, catalog, Optional.empty(), Optional.of(comment)), record);
        };
    }

    private static String doneByKey(Changed<Map<String, TagAssignment>> changed, Map<String, String> record) {
        changed.before().ifPresent(tags -> tags.forEach((key, tag) -> note(record, key + ".before", tag)));
        changed.after().ifPresent(tags -> tags.forEach((key, tag) -> note(record, key + ".after", tag)));
        return AnswerQuery.done(changed.warnings());
    }

    private static String done(Changed<?> changed, Map<String, String> record) {
        changed.before().ifPresent(before -> note(record, "before", before));
        changed.after().ifPresent(after -> note(record, "after", after));
        return AnswerQuery.done(changed.warnings());
    }

    private static void note(Map<String, String> record, String name, Object what) {
        record.put(name, JSON.writeValueAsString(what));
    }

    private static String grants(List<Grant> grants) {
        return AnswerQuery.rows(
                List.of("principal", "action_type", "object_type", "object_key"),
                grants.stream()
                        .map(grant -> List.of(
                                grant.principal(),
                                grant.privilege().name().replace('_', ' '),
                                grant.on().type().name(),
                                grant.on().name().inStatement()))
                        .toList());
    }

    private static String policies(List<DefinedPolicy> policies) {
        return AnswerQuery.rows(
                List.of(
                        "name",
                        "on_securable_type",
                        "on_securable",
                        "policy_type",
                        "function",
                        "to_principals",
                        "except_principals",
                        "when_condition",
                        "match_columns",
                        "on_column",
                        "using_columns",
                        "comment",
                        "created_by"),
                policies.stream().map(GovernanceExecutor::policy).toList());
    }

    private static String match(PolicyDefinition.MatchText match) {
        return match.alias().equals(Policy.Match.UNNAMED)
                ? match.condition()
                : match.condition() + " AS " + Backticks.inStatement(match.alias());
    }

    private static String function(Policy.Effect effect) {
        return SecurableNames.function(effect.function())
                .map(SecurableName::inStatement)
                .orElse(effect.function());
    }

    private static List<String> policy(DefinedPolicy policy) {
        PolicyDefinition definition = policy.definition();
        return List.of(
                definition.name(),
                definition.on().type().name(),
                definition.on().name().inStatement(),
                switch (definition.effect()) {
                    case Policy.ColumnMask _ -> "COLUMN MASK";
                    case Policy.RowFilter _ -> "ROW FILTER";
                },
                function(definition.effect()),
                String.join(", ", new TreeSet<>(definition.to())),
                String.join(", ", new TreeSet<>(definition.except())),
                definition.when(),
                definition.match().stream().map(GovernanceExecutor::match).collect(Collectors.joining(", ")),
                switch (definition.effect()) {
                    case Policy.ColumnMask mask -> Backticks.inStatement(mask.onColumn());
                    case Policy.RowFilter _ -> "";
                },
                definition.effect().using().stream()
                        .map(argument -> switch (argument) {
                            case Policy.Alias(String name) -> Backticks.inStatement(name);
                            case Policy.Constant(String value) -> "'" + value.replace("'", "''") + "'";
                        })
                        .collect(Collectors.joining(", ")),
                definition.comment().orElse(""),
                policy.createdBy());
    }
}
