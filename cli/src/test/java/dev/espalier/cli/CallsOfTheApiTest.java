package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.cli.client.Json;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each subcommand makes the documented call, and nothing else. */
class CallsOfTheApiTest {
    private static final String DONE = """
            {"name":"projects/shop/operations/1","done":true,"response":{"name":"projects/shop"}}""";

    @RegisterExtension
    final CommandFixture command = new CommandFixture();

    CallsOfTheApiTest() throws IOException {}

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        projects get shop                                     | GET    | projects/shop
        projects list                                         | GET    | projects
        projects list --deleted                               | GET    | projects?show_deleted=true
        projects list --page-size 2 --page-token t            | GET    | projects?page_size=2&page_token=t
        projects create shop                                  | POST   | projects?project_id=shop
        projects update shop --display-name Shop              | PATCH  | projects/shop?update_mask=spec.display_name
        projects delete shop                                  | DELETE | projects/shop
        projects delete shop --purge                          | DELETE | projects/shop?purge=true
        projects undelete shop                                | POST   | projects/shop/undelete
        principals list                                       | GET    | /api/2.0/preview/scim/v2/ServicePrincipals
        users list                                            | GET    | /api/2.0/preview/scim/v2/Users
        users create ann@example.com                          | POST   | /api/2.0/preview/scim/v2/Users
        groups list                                           | GET    | /api/2.0/preview/scim/v2/Groups
        groups create team                                    | POST   | /api/2.0/preview/scim/v2/Groups
        permissions list -p shop                              | GET    | /api/2.0/permissions/database-projects/shop
        permissions levels -p shop                            | GET    | /api/2.0/permissions/database-projects/shop/permissionLevels
        permissions grant can_use ci -p shop                  | PATCH  | /api/2.0/permissions/database-projects/shop
        permissions revoke ci -p shop                         | DELETE | /api/2.0/permissions/database-projects/shop?principal=ci
        permissions set ann@example.com=can_use ci=can_manage -p shop | PUT | /api/2.0/permissions/database-projects/shop
        metastore show                                        | GET    | /api/2.1/unity-catalog/metastore_summary
        metastore assignment                                  | GET    | /api/2.1/unity-catalog/current-metastore-assignment
        tables summaries shop                                 | GET    | /api/2.1/unity-catalog/table-summaries?catalog_name=shop
        tables exists shop.public.people                      | GET    | /api/2.1/unity-catalog/tables/shop.public.people/exists
        openapi                                               | GET    | /api/openapi.json
        catalogs list                                         | GET    | /api/2.1/unity-catalog/catalogs
        catalogs update shop --owner ann                      | PATCH  | /api/2.1/unity-catalog/catalogs/shop
        schemas list shop                                     | GET    | /api/2.1/unity-catalog/schemas?catalog_name=shop
        tables list shop.public                               | GET    | /api/2.1/unity-catalog/tables?catalog_name=shop&schema_name=public&omit_columns=true
        tables get shop.public.people                         | GET    | /api/2.1/unity-catalog/tables/shop.public.people
        functions list shop.public                            | GET    | /api/2.1/unity-catalog/functions?catalog_name=shop&schema_name=public
        grants get table shop.public.people                   | GET    | /api/2.1/unity-catalog/permissions/table/shop.public.people
        grants update schema shop.public --principal a --add SELECT,MODIFY | PATCH | /api/2.1/unity-catalog/permissions/schema/shop.public
        effective-grants get catalog shop --principal ann     | GET    | /api/2.1/unity-catalog/effective-permissions/catalog/shop?principal=ann
        tags list                                             | GET    | /api/2.1/tag-policies
        tags create pii --values email,phone                  | POST   | /api/2.1/tag-policies
        tags grants pii                                       | GET    | /api/2.0/preview/accounts/access-control/rule-sets?name=accounts/espalier/tagPolicies/pii/ruleSets/default
        tags revoke pii --principal etl                       | DELETE | /api/2.0/preview/accounts/access-control/rule-sets?name=accounts/espalier/tagPolicies/pii/ruleSets/default&principal=etl&role=roles/tagPolicy.assigner
        tags delete pii                                       | DELETE | /api/2.1/tag-policies/pii
        tags show column shop.public.people.email             | GET    | /api/2.1/unity-catalog/entity-tag-assignments/columns/shop.public.people.email/tags
        tags unassign table shop.public.people pii            | DELETE | /api/2.1/unity-catalog/entity-tag-assignments/tables/shop.public.people/tags/pii
        tags propose shop.public                              | GET    | /api/2.1/unity-catalog/tag-proposals?securable_type=schema&full_name=shop.public
        tags propose shop.`my.schema`                         | GET    | /api/2.1/unity-catalog/tag-proposals?securable_type=schema&full_name=shop.`my.schema`
        tags dismiss shop.public.people.note pii=email        | POST   | /api/2.1/unity-catalog/tag-proposals/dismiss
        policies list table shop.public.people --inherited    | GET    | /api/2.1/unity-catalog/policies/table/shop.public.people?include_inherited=true
        policies create catalog shop hide --mask system.mask.redact --on-column c --match c=has_tag('pii') --to a,b | POST | /api/2.1/unity-catalog/policies
        policies update catalog shop hide --except dpo        | PATCH  | /api/2.1/unity-catalog/policies/catalog/shop/hide
        policies export shop                                  | GET    | /api/2.1/unity-catalog/policy-sets/shop
        policies delete catalog shop hide                     | DELETE | /api/2.1/unity-catalog/policies/catalog/shop/hide
        branches verify dev -p shop                           | POST   | projects/shop/branches/dev/verify
        branch verify dev -p shop                             | POST   | projects/shop/branches/dev/verify
        policy export shop                                    | GET    | /api/2.1/unity-catalog/policy-sets/shop
        branches get dev -p shop                              | GET    | projects/shop/branches/dev
        branches get projects/shop/branches/dev               | GET    | projects/shop/branches/dev
        branches list -p shop --deleted                       | GET    | projects/shop/branches?show_deleted=true
        branches create dev -p shop --no-expiry               | POST   | projects/shop/branches?branch_id=dev
        branches create dev -p shop --no-expiry --replace-existing | POST   | projects/shop/branches?branch_id=dev&replace_existing=true
        branches update dev -p shop --no-protected            | PATCH  | projects/shop/branches/dev?update_mask=spec.is_protected
        branches update dev -p shop --ttl 3d                  | PATCH  | projects/shop/branches/dev?update_mask=spec.expiration
        branches delete dev -p shop --purge                   | DELETE | projects/shop/branches/dev?purge=true
        branches undelete dev -p shop                         | POST   | projects/shop/branches/dev/undelete
        branches reset dev -p shop                            | POST   | projects/shop/branches/dev/reset
        branches restore dev -p shop --lsn 0/1                | POST   | projects/shop/branches/dev/restore
        branches diff dev -p shop --against production        | GET    | projects/shop/branches/dev/schema_diff?against=production
        branches storage dev -p shop                          | GET    | projects/shop/branches/dev/storage
        branches history dev -p shop                          | GET    | projects/shop/branches/dev/history
        endpoints list -p shop -b dev                         | GET    | projects/shop/branches/dev/endpoints
        endpoints get -p shop -b dev                          | GET    | projects/shop/branches/dev/endpoints/primary
        endpoints get ro -p shop -b dev                       | GET    | projects/shop/branches/dev/endpoints/ro
        endpoints create ro -p shop -b dev                    | POST   | projects/shop/branches/dev/endpoints?endpoint_id=ro
        endpoints update -p shop -b dev --disabled            | PATCH  | projects/shop/branches/dev/endpoints/primary?update_mask=spec.disabled
        endpoints delete ro -p shop -b dev                    | DELETE | projects/shop/branches/dev/endpoints/ro
        endpoints wake -p shop -b dev                         | POST   | projects/shop/branches/dev/endpoints/primary/wake
        endpoints suspend -p shop -b dev                      | POST   | projects/shop/branches/dev/endpoints/primary/suspend
        databases list -p shop -b dev                         | GET    | projects/shop/branches/dev/databases
        databases get projects/shop/branches/dev/databases/app-data | GET    | projects/shop/branches/dev/databases/app-data
        databases create app_data -p shop -b dev --owner projects/shop/branches/dev/roles/anna | POST   | projects/shop/branches/dev/databases
        databases update projects/shop/branches/dev/databases/app --rename app2 | PATCH  | projects/shop/branches/dev/databases/app?update_mask=spec.postgres_database
        databases delete projects/shop/branches/dev/databases/app | DELETE | projects/shop/branches/dev/databases/app
        roles list -p shop -b dev                             | GET    | projects/shop/branches/dev/roles
        roles get projects/shop/branches/dev/roles/anna-example-com | GET    | projects/shop/branches/dev/roles/anna-example-com
        roles create anna -p shop -b dev --id the-anna        | POST   | projects/shop/branches/dev/roles?role_id=the-anna
        roles update projects/shop/branches/dev/roles/anna --createdb | PATCH  | projects/shop/branches/dev/roles/anna?update_mask=spec.attributes.createdb
        roles delete projects/shop/branches/dev/roles/anna | DELETE | projects/shop/branches/dev/roles/anna
        roles delete projects/shop/branches/dev/roles/anna --reassign-owned-to projects/shop/branches/dev/roles/bert | DELETE | projects/shop/branches/dev/roles/anna?reassign_owned_to=projects/shop/branches/dev/roles/bert
        ports open dev -p shop                                | POST   | projects/shop/branches/dev/ports
        ports list dev -p shop                                | GET    | projects/shop/branches/dev/ports
        ports list                                            | GET    | ports
        ports close dev 5401 -p shop                          | DELETE | projects/shop/branches/dev/ports/5401
        credentials create -p shop -b dev                     | POST   | credentials
        operations get projects/shop/operations/1             | GET    | projects/shop/operations/1
        calls list                                            | GET    | calls?page_size=100
        calls list --principal anna --last 15m                | GET    | calls?principal=anna&since=2026-11-25T09:45:00Z&page_size=100
        prices list                                           | GET    | /api/2.0/billing/prices
        prices set ESPALIER_DATABASE_CPU_TIME 0.5             | PUT    | /api/2.0/billing/prices/ESPALIER_DATABASE_CPU_TIME?price=0.5
        prices set x 1 --currency EUR                         | PUT    | /api/2.0/billing/prices/x?price=1&currency_code=EUR
        prices set x 1 --clock-is-right                       | PUT    | /api/2.0/billing/prices/x?price=1&clock_is_right=true
        usage correct 1-2 3.5 --reason idle                   | POST   | /api/2.0/billing/usage/1-2/corrections?base_quantity=3.5&reason=idle
        system                                                | GET    | system
        """)
    void eachSubcommandMakesItsCall(String line, String method, String path) {
        command.api.answer(method + " " + path, 200, DONE);
        CommandFixture.Run run = command.line(line);
        assertThat(run.err()).doesNotContain("scripted");
        assertThat(run.exitCode()).isZero();
        assertThat(command.api.calls()).extracting(ScriptedApi.Call::line).containsExactly(method + " " + path);
        assertThat(command.api.last().authorization()).isEqualTo("Bearer token-1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        projects create shop --postgres 18 --history-retention 7d --protected --tag team=web | {"spec":{"history_retention_duration":"604800s","custom_tags":[{"key":"team","value":"web"}],"pg_version":18},"initial_branch_spec":{"is_protected":true}}
        projects create shop --min-cu 0.5 --max-cu 2 --suspend-after 5m --setting work_mem=8MB | {"spec":{"default_endpoint_settings":{"autoscaling_limit_min_cu":0.5,"autoscaling_limit_max_cu":2.0,"suspend_timeout_duration":"300s","pg_settings":{"work_mem":"8MB"}}}}
        projects update shop --default-branch dev --no-native-login | {"spec":{"enable_pg_native_login":false,"default_branch":"projects/shop/branches/dev"}}
        branches create dev -p shop --from production --at 2026-11-25T11:00:00+01:00 --ttl 1h30m | {"spec":{"source_branch":"projects/shop/branches/production","source_branch_time":"2026-11-25T10:00:00Z","ttl":"5400s"}}
        branches create dev -p shop --lsn 0/1A2B --expire-time 2026-12-01T00:00:00Z --protected | {"spec":{"source_branch_lsn":"0/1A2B","is_protected":true,"expire_time":"2026-12-01T00:00:00Z"}}
        branches create dev -p shop --no-expiry | {"spec":{"no_expiry":true}}
        branches update dev -p shop --protected --no-expiry | {"spec":{"is_protected":true,"no_expiry":true}}
        branches restore dev -p shop --at 2026-11-25T09:00:00Z --preserve-under dev-old | {"restore_time":"2026-11-25T09:00:00Z","preserve_under":"dev-old"}
        endpoints create ro -p shop -b dev --no-suspension | {"spec":{"no_suspension":true,"endpoint_type":"ENDPOINT_TYPE_READ_ONLY"}}
        endpoints update -p shop -b dev --activity writes --ignore-application pg_* --ignore-role a --ignore-role b | {"spec":{"activity_policy":{"counts":"WRITES","ignore_applications":["pg_*"],"ignore_roles":["a","b"]}}}
        databases create app_data -p shop -b dev --owner projects/shop/branches/dev/roles/anna-example-com | {"spec":{"postgres_database":"app_data","role":"projects/shop/branches/dev/roles/anna-example-com"}}
        databases update projects/shop/branches/dev/databases/app --owner projects/shop/branches/dev/roles/bert | {"spec":{"role":"projects/shop/branches/dev/roles/bert"}}
        roles create anna@example.com -p shop -b dev --identity user --member-of DATABRICKS_SUPERUSER | {"spec":{"membership_roles":["DATABRICKS_SUPERUSER"],"postgres_role":"anna@example.com","identity_type":"USER"}}
        roles create ci -p shop -b dev --auth-method no_login --createrole --no-bypassrls | {"spec":{"auth_method":"NO_LOGIN","attributes":{"createrole":true,"bypassrls":false},"postgres_role":"ci"}}
        credentials create -p shop -b dev --ttl 10m --read-only-table a.b.c | {"endpoint":"projects/shop/branches/dev/endpoints/primary","ttl":"600s","claims":[{"permission_set":"READ_ONLY","resources":[{"table_name":"a.b.c"}]}]}
        branches reset dev -p shop | {}
        users create ann@example.com --display-name Ann --external-id x | {"externalId":"x","displayName":"Ann","userName":"ann@example.com"}
        permissions grant can_manage ann@example.com -p shop | {"access_control_list":[{"principal":"ann@example.com","permission_level":"CAN_MANAGE"}]}
        ports open dev -p shop | {}
        ports open dev 5401 -p shop | {"port":5401}
        """)
    void eachSubcommandSendsWhatItsOptionsSay(String line, String body) {
        String[] words = line.split(" ");
        command.line(line);
        assertThat(command.api.last().json()).as(words[0] + " " + words[1]).isEqualTo(Json.parse(body));
    }

    @Test
    void theUpdateMaskOfSuspensionIsTheApisOwnName() {
        command.line("endpoints update -p shop -b dev --suspend-after 5m --min-cu 1");
        assertThat(command.api.last().query()).isEqualTo("update_mask=spec.autoscaling_limit_min_cu,spec.suspension");
        command.line("projects update shop --no-suspension");
        assertThat(command.api.last().query()).isEqualTo("update_mask=spec.project_default_settings.suspension");
    }

    @Test
    void namesAreDataWhateverCharactersTheyHold() {
        command.run("branches", "get", "a?purge=true b", "-p", "x%2F");
        assertThat(command.api.last().line()).isEqualTo("GET projects/x%2F/branches/a?purge=true b");
        assertThat(command.api.last().query()).isEmpty();
    }

    @Test
    void whoIsNamedIsLookedUpAndCalledByItsId() {
        String scim = "/api/2.0/preview/scim/v2/";
        command.api
                .answer("GET " + scim + "Groups?filter=displayName eq \"team\"", 200, found("7"))
                .answer("GET " + scim + "Users?filter=userName eq \"ann@example.com\"", 200, found("8"))
                .answer("GET " + scim + "Users?filter=userName eq \"nobody\"", 200, "{}")
                .answer("PATCH " + scim + "Groups/7", 200, "{}")
                .answer("DELETE " + scim + "Users/8", 200, "{}");

        assertThat(command.line("groups add team ann@example.com").exitCode()).isZero();
        assertThat(command.api.last().json())
                .isEqualTo(Json.parse(
                        "{\"Operations\":[{\"op\":\"add\",\"path\":\"members\",\"value\":[{\"value\":\"8\"}]}]}"));
        assertThat(command.line("groups remove team ann@example.com").exitCode())
                .isZero();
        assertThat(command.api.last().json())
                .isEqualTo(
                        Json.parse("{\"Operations\":[{\"op\":\"remove\",\"path\":\"members[value eq \\\"8\\\"]\"}]}"));
        assertThat(command.line("users delete ann@example.com").exitCode()).isZero();
        assertThat(command.line("users delete nobody").exitCode()).isEqualTo(3);
    }

    private static String found(String id) {
        return "{\"Resources\":[{\"id\":\"" + id + "\"}]}";
    }
}
