package dev.espalier.sql;

import dev.espalier.sql.Relation.Upsert;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Walks the tree of one statement and collects what it would do. The walk keeps its own stack, so that no depth of a
 * hostile text can end it.
 */
final class TreeWalk {

    private static final Set<String> DATA_CHANGES = Set.of("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt");

    /** Fields of changes that read rows before there is a target. */
    private static final Set<String> SOURCES = Set.of("selectStmt", "sourceRelation");

    /** Fields of definitions that name a relation which stays as it is. */
    private static final Set<String> REFERENCES = Set.of("pktable", "constrrel");

    private static final Set<String> OFF = Set.of("false", "off", "0");

    /** A node that is still to be looked at, with what its surroundings mean for it. */
    private record Visit(
            String type,
            JsonNode node,
            @Nullable Scope scope,
            boolean written,
            @Nullable Target target) {}

    /** What rows go to that may be there already, where columns may be qualified by its name. */
    private record Target(JsonNode relation, Upsert upsert) {
        boolean isMeantBy(String schema, String name) {
            String own = relation.path("schemaname").asString("");
            return relation.path("relname").asString("").equals(name) && (own.isEmpty() || own.equals(schema));
        }
    }

    /** The WITH queries that a name may mean, inner ones first; only the first {@code visible} of a clause count. */
    private record Scope(
            Map<String, Integer> names,
            int visible,
            @Nullable Scope outer) {
        boolean has(String name) {
            for (Scope scope = this; scope != null; scope = scope.outer) {
                if (scope.names.getOrDefault(name, Integer.MAX_VALUE) < scope.visible) {
                    return true;
                }
            }
            return false;
        }
    }

    private final String rootType;
    private final JsonNode root;
    private final Set<Effect> effects = EnumSet.noneOf(Effect.class);
    private final List<Relation> relations = new ArrayList<>();
    private final List<Relation> qualifiers = new ArrayList<>();
    private final Set<String> functions = new TreeSet<>();
    private final Set<String> settings = new TreeSet<>();
    private final Deque<Visit> pending = new ArrayDeque<>();
    private int parameters;

    TreeWalk(String type, JsonNode node) {
        rootType = type;
        root = node;
    }

    Statement statement(int start, int end) {
        pending.push(new Visit(rootType, root, null, false, null));
        while (!pending.isEmpty()) {
            visit(pending.pop());
        }
        collectSettings();
        relations.sort(Comparator.comparingInt(Relation::offset));
        qualifiers.sort(Comparator.comparingInt(Relation::offset));
        String tag = CommandTag.of(rootType, root);
        return new Statement(
                start,
                end,
                rootType,
                CommandTag.type(rootType, tag, effects),
                tag,
                Set.copyOf(effects),
                List.copyOf(relations),
                List.copyOf(qualifiers),
                Set.copyOf(functions),
                Set.copyOf(settings),
                searchPath(),
                named(),
                parameters);
    }

    private Optional<String> named() {
        String name = switch (rootType) {
            case "PrepareStmt", "ExecuteStmt", "DeallocateStmt" ->
                root.path("name").asString("");
            case "DeclareCursorStmt", "ClosePortalStmt" ->
                root.path("portalname").asString("");
            default -> "";
        };
        return Optional.of(name).filter(given -> !given.isEmpty());
    }

    private Optional<PathSetting> searchPath() {
        if (!rootType.equals("VariableSetStmt")
                || !root.path("kind").asString("").equals("VAR_SET_VALUE")
                || !root.path("name").asString("").equalsIgnoreCase("search_path")) {
            return Optional.empty();
        }
        List<String> schemas = new ArrayList<>();
        for (JsonNode argument : root.path("args")) {
            JsonNode text = argument.path("A_Const").path("sval");
            if (text.isMissingNode()) {
                return Optional.empty();
            }
            schemas.add(text.path("sval").asString(""));
        }
        return Optional.of(new PathSetting(root.path("is_local").asBoolean(false), schemas));
    }

    private void visit(Visit visit) {
        JsonNode node = visit.node();
        boolean written = visit.written();
        switch (visit.type()) {
            case "RangeVar" -> addRelation(node, visit.scope(), written, visit.target());
            case "ColumnRef" -> addQualifier(node, visit.target());
            case "ParamRef" ->
                parameters = Math.max(parameters, node.path("number").asInt(0));
            case "FuncCall" -> functions.add(joined(node.path("funcname")));
            case "TableLikeClause" -> written = false;
            case "IntoClause" -> {
                effects.add(Effect.CREATE);
                written = true;
            }
            default -> {
                if (StatementKind.isStatement(visit.type())) {
                    addEffects(visit.type(), node);
                    written = writesWhatItNames(visit.type(), node);
                }
            }
        }
        pushFields(visit, written);
    }

    private static boolean writesWhatItNames(String type, JsonNode node) {
        return switch (type) {
            case "SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt" -> false;
            case "CopyStmt" -> node.path("is_from").asBoolean(false);
            default -> true;
        };
    }

    private void pushFields(Visit visit, boolean written) {
        JsonNode with = visit.node().get("withClause");
        Scope scope = with == null ? visit.scope() : pushWith(with, visit.scope());
        boolean changes = DATA_CHANGES.contains(visit.type());
        Target target = changes ? target(visit.type(), visit.node()) : within(visit);
        for (Map.Entry<String, JsonNode> field : visit.node().properties()) {
            String name = field.getKey();
            if (changes && name.equals("relation")) {
                // A target is always a real relation, whatever WITH queries are called.
                push(name, field.getValue(), null, true, target);
            } else if (!name.equals("withClause") && !name.equals("lockedRels")) {
                boolean source = changes && SOURCES.contains(name);
                push(name, field.getValue(), scope, written && !REFERENCES.contains(name), source ? null : target);
            }
        }
    }

    private static @Nullable Target target(String type, JsonNode node) {
        JsonNode relation = node.get("relation");
        if (relation == null || !(type.equals("MergeStmt") || node.has("onConflictClause"))) {
            return null;
        }
        return new Target(relation, returnsAll(node) ? Upsert.RETURNING_ALL : Upsert.YES);
    }

    private static boolean returnsAll(JsonNode node) {
        JsonNode clause = node.path("returningClause");
        for (JsonNode each : clause.isMissingNode() ? node.path("returningList") : clause.path("exprs")) {
            JsonNode fields =
                    each.path("ResTarget").path("val").path("ColumnRef").path("fields");
            if (!fields.isEmpty() && fields.get(fields.size() - 1).has("A_Star")) {
                return true;
            }
        }
        return false;
    }

    /** The target that columns in it mean; none where it reads another relation of the name itself. */
    private static @Nullable Target within(Visit visit) {
        Target target = visit.target();
        if (target == null || !visit.type().equals("SelectStmt")) {
            return target;
        }
        Deque<JsonNode> from = new ArrayDeque<>();
        visit.node().path("fromClause").forEach(from::push);
        while (!from.isEmpty()) {
            JsonNode each = from.pop();
            JsonNode relation = each.path("RangeVar");
            if (target.isMeantBy(
                    relation.path("schemaname").asString(""),
                    relation.path("relname").asString(""))) {
                return null;
            }
            JsonNode join = each.path("JoinExpr");
            Stream.of("larg", "rarg").filter(join::has).map(join::get).forEach(from::push);
        }
        return target;
    }

    /** Without RECURSIVE, a WITH query sees only those before it: in WITH t AS (SELECT … FROM t) the inner t is a table. */
    private Scope pushWith(JsonNode with, @Nullable Scope outer) {
        JsonNode queries = with.path("ctes");
        Map<String, Integer> names = new HashMap<>();
        for (JsonNode query : queries) {
            names.putIfAbsent(query.path("CommonTableExpr").path("ctename").asString(""), names.size());
        }
        boolean recursive = with.path("recursive").asBoolean(false);
        Scope all = new Scope(names, names.size(), outer);
        int before = 0;
        for (JsonNode query : queries) {
            push("", query, recursive ? all : new Scope(names, before, outer), false, null);
            before++;
        }
        return all;
    }

    private void push(String field, JsonNode value, @Nullable Scope scope, boolean written, @Nullable Target target) {
        if (value.isArray()) {
            for (JsonNode element : value) {
                push(field, element, scope, written, target);
            }
        } else if (value.isObject() && !value.isEmpty()) {
            Map.Entry<String, JsonNode> first = value.properties().iterator().next();
            boolean wrapped =
                    value.size() == 1 && Character.isUpperCase(first.getKey().charAt(0));
            pending.push(
                    wrapped
                            ? new Visit(first.getKey(), first.getValue(), scope, written, target)
                            : new Visit(typeOf(field, value), value, scope, written, target));
        }
    }

    /** The type of a node in a field that can hold one type only, where the tree leaves the type out. */
    private static String typeOf(String field, JsonNode value) {
        return switch (field) {
            case "larg", "rarg" -> value.has("limitOption") ? "SelectStmt" : field;
            case "funccall" -> "FuncCall";
            case "into", "intoClause" -> "IntoClause";
            default -> value.has("relname") && value.has("relpersistence") ? "RangeVar" : field;
        };
    }

    private void addEffects(String type, JsonNode node) {
        Effect effect = StatementKind.of(type).effect();
        switch (type) {
            case "SelectStmt" -> {
                effects.add(effect);
                if (node.has("lockingClause")) {
                    effects.add(Effect.ROW_LOCK);
                }
            }
            case "InsertStmt" -> {
                effects.add(effect);
                if (node.has("onConflictClause")) {
                    effects.add(Effect.UPSERT);
                }
            }
            case "CopyStmt" -> {
                effects.add(node.path("is_from").asBoolean(false) ? Effect.COPY_FROM : Effect.COPY_TO);
                if (node.path("is_program").asBoolean(false)) {
                    effects.add(Effect.SERVER_PROGRAM);
                } else if (node.has("filename")) {
                    effects.add(Effect.SERVER_FILE);
                }
            }
            case "ExplainStmt" -> effects.add(runs(node) ? Effect.EXPLAIN_ANALYZE : effect);
            case "DropStmt" -> {
                effects.add(effect);
                addNamedObjects(node.path("objects"), node.path("removeType").asString(""));
            }
            case "CommentStmt", "SecLabelStmt" -> {
                effects.add(effect);
                addNamedObject(node.path("object"), node.path("objtype").asString(""));
            }
            default -> effects.add(effect);
        }
    }

    /** EXPLAIN (ANALYZE) runs the statement unless the option's last mention says off. */
    private static boolean runs(JsonNode explain) {
        boolean runs = false;
        for (JsonNode option : explain.path("options")) {
            JsonNode element = option.path("DefElem");
            if (element.path("defname").asString("").equals("analyze")) {
                runs = !OFF.contains(optionValue(element.get("arg")).toLowerCase(Locale.ROOT));
            }
        }
        return runs;
    }

    private static String optionValue(@Nullable JsonNode argument) {
        if (argument == null) {
            return "true";
        }
        if (argument.has("Integer")) {
            return String.valueOf(argument.path("Integer").path("ival").asInt(0));
        }
        return argument.path("String").path("sval").asString("true");
    }

    private void addRelation(JsonNode node, @Nullable Scope scope, boolean written, @Nullable Target target) {
        String schema = node.path("schemaname").asString("");
        String name = node.path("relname").asString("");
        if (!schema.isEmpty() || scope == null || !scope.has(name)) {
            relations.add(new Relation(
                    node.path("catalogname").asString(""),
                    schema,
                    name,
                    node.path("location").asInt(0),
                    written,
                    written && target != null ? target.upsert() : Upsert.NO));
        }
    }

    /** A column's last part may be a star, which has no name. */
    private void addQualifier(JsonNode node, @Nullable Target target) {
        JsonNode fields = node.path("fields");
        if (fields.size() > 2) {
            List<String> names = names(fields);
            int table = names.size() - 2;
            String schema = names.get(table - 1);
            String name = names.get(table);
            qualifiers.add(new Relation(
                    table > 1 ? names.get(table - 2) : "",
                    schema,
                    name,
                    node.path("location").asInt(0),
                    false,
                    target != null && target.isMeantBy(schema, name) ? target.upsert() : Upsert.NO));
        }
    }

    private void addNamedObjects(JsonNode objects, String kind) {
        for (JsonNode object : objects) {
            addNamedObject(object, kind);
        }
    }

    private void addNamedObject(JsonNode object, String kind) {
        switch (kind) {
            case "OBJECT_TABLE",
                    "OBJECT_FOREIGN_TABLE",
                    "OBJECT_VIEW",
                    "OBJECT_MATVIEW",
                    "OBJECT_INDEX",
                    "OBJECT_SEQUENCE" -> {
                List<String> names = names(object.path("List").path("items"));
                int last = names.size() - 1;
                relations.add(new Relation(
                        last > 1 ? names.get(last - 2) : "",
                        last > 0 ? names.get(last - 1) : "",
                        names.get(last),
                        -1,
                        true));
            }
            default -> {}
        }
    }

    private void collectSettings() {
        if (rootType.equals("VariableSetStmt")) {
            switch (root.path("kind").asString("")) {
                case "VAR_RESET_ALL" -> settings.add("all");
                case "VAR_SET_MULTI" -> addOptions(root.path("args"));
                default -> settings.add(root.path("name").asString("").toLowerCase(Locale.ROOT));
            }
        } else if (rootType.equals("TransactionStmt")) {
            addOptions(root.path("options"));
        }
    }

    /** SET TRANSACTION and BEGIN have their modes as options with the names of settings. */
    private void addOptions(JsonNode options) {
        for (JsonNode option : options) {
            if (option.has("DefElem")) {
                settings.add(option.path("DefElem").path("defname").asString(""));
            }
        }
    }

    private static List<String> names(JsonNode strings) {
        List<String> names = new ArrayList<>();
        for (JsonNode string : strings) {
            names.add(string.path("String").path("sval").asString(""));
        }
        return names;
    }

    private static String joined(JsonNode strings) {
        StringJoiner joined = new StringJoiner(".");
        names(strings).forEach(joined::add);
        return joined.toString();
    }
}
