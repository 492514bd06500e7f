package dev.espalier.cli;

import dev.espalier.cli.client.Json;
import dev.espalier.cli.client.Query;
import dev.espalier.cli.client.Reply;
import dev.espalier.cli.output.View;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Calls about governed tags, and where they are assigned. */
@Command(name = "tags", description = "Governed tags: keys that policies ask for, and where they are assigned")
final class Tags {
    private static final String GOVERNED = "/api/2.1/tag-policies";
    private static final String ASSIGNED = UnityCatalog.ROOT + "/entity-tag-assignments";
    private static final String PROPOSED = UnityCatalog.ROOT + "/tag-proposals";
    private static final String RULES = "/api/2.0/preview/accounts/access-control/rule-sets";
    private static final String WHO = "a user, a group, a service principal's client id, or \"account users\" for all";
    private static final String MANAGE = "also to change and remove the tag, and to say who may assign it";
    private static final String TYPE = "${COMPLETION-CANDIDATES}";

    private final Session session;

    Tags(Session session) {
        this.session = session;
    }

    /** What can be tagged. */
    enum Entity {
        CATALOG,
        SCHEMA,
        TABLE,
        COLUMN;

        /** As the API has it. */
        String path() {
            return name().toLowerCase(Locale.ROOT) + "s";
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Command(description = "List the governed tags")
    void list() {
        session.printer().list(session.api().get(GOVERNED, Query.none()), "tag_policies", View.GOVERNED_TAG);
    }

    @Command(description = "Make a governed tag")
    void create(
            @Parameters(paramLabel = "KEY") String key,
            @Option(
                            names = "--values",
                            split = ",",
                            paramLabel = "VALUE",
                            description = "what may be assigned (default: anything)")
                    @Nullable
                    List<String> values,
            @Option(names = "--description", paramLabel = "TEXT", description = "what it means") @Nullable
                    String description) {
        ObjectNode body = body(values, description).put("tag_key", key);
        session.printer().row(session.api().post(GOVERNED, Query.none(), body), View.GOVERNED_TAG);
    }

    @Command(description = "Change a governed tag's values or description")
    void update(
            @Parameters(paramLabel = "KEY") String key,
            @Option(names = "--values", split = ",", paramLabel = "VALUE", description = "all that may be assigned")
                    @Nullable
                    List<String> values,
            @Option(names = "--description", paramLabel = "TEXT", description = "what it means") @Nullable
                    String description) {
        session.printer()
                .row(
                        session.api().patch(GOVERNED + "/" + key, Query.none(), body(values, description)),
                        View.GOVERNED_TAG);
    }

    private static ObjectNode body(@Nullable List<String> values, @Nullable String description) {
        ObjectNode body = Json.object();
        if (values != null) {
            ArrayNode allowed = body.putArray("values");
            values.forEach(value -> allowed.addObject().put("name", value));
        }
        if (description != null) {
            body.put("description", description);
        }
        return body;
    }

    @Command(description = "Remove a governed tag that is not in use")
    void delete(@Parameters(paramLabel = "KEY") String key) {
        session.api().delete(GOVERNED + "/" + key, Query.none());
        session.printer().note("Removed " + key);
    }

    @Command(description = "Show the tags of a catalog, a schema, a table or a column")
    void show(
            @Parameters(paramLabel = "TYPE", description = TYPE) Entity type,
            @Parameters(paramLabel = "FULL_NAME") String name) {
        session.printer().list(session.api().get(of(type, name), Query.none()), "tag_assignments", View.TAG_ASSIGNMENT);
    }

    @Command(description = "Assign a tag, or give it another value")
    void assign(
            @Parameters(paramLabel = "TYPE", description = TYPE) Entity type,
            @Parameters(paramLabel = "FULL_NAME") String name,
            @Parameters(paramLabel = "KEY[=VALUE]") String tag) {
        int equals = tag.indexOf('=');
        String key = equals < 0 ? tag : tag.substring(0, equals);
        String value = equals < 0 ? "" : tag.substring(equals + 1);
        boolean there = session.api()
                .get(of(type, name), Query.none())
                .json()
                .path("tag_assignments")
                .valueStream()
                .anyMatch(assigned -> key.equals(assigned.path("tag_key").asString("")));
        ObjectNode body = Json.object()
                .put("entity_type", type.path())
                .put("entity_name", name)
                .put("tag_key", key)
                .put("tag_value", value);
        Reply changed = there
                ? session.api().patch(of(type, name) + "/" + key, Query.none(), body)
                : session.api().post(ASSIGNED, Query.none(), body);
        session.printer().row(changed, View.TAG_ASSIGNMENT);
        UnityCatalog.warn(session, changed);
    }

    @Command(description = "Take a tag away")
    void unassign(
            @Parameters(paramLabel = "TYPE", description = TYPE) Entity type,
            @Parameters(paramLabel = "FULL_NAME") String name,
            @Parameters(paramLabel = "KEY") String key) {
        Reply taken = session.api().delete(of(type, name) + "/" + key, Query.none());
        session.printer().note("Took " + key + " from " + name);
        UnityCatalog.warn(session, taken);
    }

    @Command(
            description = {
                "Propose tags for columns that look personal, by name and by a sample of their values",
                "Assign those that are right (espalier tags assign column …), and dismiss the others."
            })
    void propose(
            @Parameters(paramLabel = "CATALOG[.SCHEMA[.TABLE]]") String name,
            @Option(names = "--key", paramLabel = "KEY", description = "tag to propose (default: pii)") @Nullable
                    String key) {
        Query query = Query.none()
                .with("securable_type", typeOf(name))
                .with("full_name", name)
                .with("tag_key", key);
        Reply found = session.api().get(PROPOSED, query);
        session.printer().list(found, "tag_proposals", View.TAG_PROPOSAL);
        found.json()
                .path("not_examined")
                .forEach(table -> session.printer().note("Not looked at: " + table.asString("")));
        UnityCatalog.warn(session, found);
    }

    /** By its parts; a dot in backticks is none between two. */
    private static String typeOf(String name) {
        List<String> types = List.of("catalog", "schema", "table");
        long dots = name.replaceAll("`[^`]*`", "").chars().filter(c -> c == '.').count();
        return types.get((int) Math.min(dots, types.size() - 1));
    }

    @Command(description = "Do not propose a tag for a column again")
    void dismiss(
            @Parameters(paramLabel = "CATALOG.SCHEMA.TABLE.COLUMN") String column,
            @Parameters(paramLabel = "KEY=VALUE") String tag) {
        String[] parts = tag.split("=", 2);
        ObjectNode body = Json.object().put("entity_name", column).put("tag_key", parts[0]);
        if (parts.length > 1) {
            body.put("tag_value", parts[1]);
        }
        session.api().post(PROPOSED + "/dismiss", Query.none(), body);
        session.printer().note(tag + " is not proposed for " + column + " again");
    }

    @Command(description = "Show who may manage and assign a governed tag, beside administrators")
    void grants(@Parameters(paramLabel = "KEY") String key) {
        session.printer().list(session.api().get(RULES, named(key)), "grant_rules", View.TAG_GRANT);
    }

    @Command(description = "Let a principal assign a governed tag to what it may tag")
    void grant(
            @Parameters(paramLabel = "KEY") String key,
            @Option(names = "--principal", required = true, paramLabel = "NAME", description = WHO) String principal,
            @Option(names = "--manage", description = MANAGE) boolean manage) {
        ObjectNode rules = rules(key);
        rules.withArray("grant_rules")
                .addObject()
                .put("role", role(manage))
                .putArray("principals")
                .add(principal);
        put(rules);
    }

    @Command(description = "Take that from somebody")
    void revoke(
            @Parameters(paramLabel = "KEY") String key,
            @Option(names = "--principal", required = true, paramLabel = "NAME", description = WHO) String principal,
            @Option(names = "--manage", description = MANAGE) boolean manage) {
        Query query = named(key).with("principal", principal).with("role", role(manage));
        session.printer().list(session.api().delete(RULES, query), "grant_rules", View.TAG_GRANT);
    }

    private ObjectNode rules(String key) {
        JsonNode rules = session.api().get(RULES, named(key)).json();
        return Json.object()
                .put("name", rules.path("name").asString(""))
                .put("etag", rules.path("etag").asString(""))
                .set("grant_rules", rules.path("grant_rules"));
    }

    private void put(ObjectNode rules) {
        ObjectNode body = Json.object().put("name", rules.path("name").asString(""));
        body.set("rule_set", rules);
        session.printer().list(session.api().put(RULES, Query.none(), body), "grant_rules", View.TAG_GRANT);
    }

    private static String role(boolean manage) {
        return manage ? "roles/tagPolicy.manager" : "roles/tagPolicy.assigner";
    }

    /** By its key, which the API takes in the place of its id; there is one account. */
    private static Query named(String key) {
        return Query.none().with("name", "accounts/espalier/tagPolicies/" + key + "/ruleSets/default");
    }

    private static String of(Entity type, String name) {
        return ASSIGNED + "/" + type.path() + "/" + name + "/tags";
    }
}
