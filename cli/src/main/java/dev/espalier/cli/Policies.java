package dev.espalier.cli;

import dev.espalier.cli.client.Json;
import dev.espalier.cli.client.Query;
import dev.espalier.cli.client.Reply;
import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import dev.espalier.cli.output.View;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Calls about policies. */
@Command(name = "policies", description = "Policies: what of tables some see masked or filtered, on every branch")
final class Policies {
    private static final String ALL = UnityCatalog.ROOT + "/policies";
    private static final String TYPE = "catalog, schema or table";
    private static final String MASK = "column_mask";
    private static final String FILTER = "row_filter";
    private static final String FUNCTION = "function_name";
    private static final String FILE = "all policies of the catalog, as export shows them";

    private final Session session;

    Policies(Session session) {
        this.session = session;
    }

    /** Of a mask or of a filter. */
    static final class Effect {
        @Option(
                names = "--mask",
                paramLabel = "FUNCTION",
                description = "show its value instead of the column's: system.mask.NAME, or one of the catalog's")
        @Nullable
        String mask;

        @Option(names = "--filter", paramLabel = "FUNCTION", description = "show only the rows for which it is true")
        @Nullable
        String filter;
    }

    /** What a policy says besides what it does. */
    static final class Terms {
        @Option(
                names = "--match",
                paramLabel = "[ALIAS=]CONDITION",
                description = "columns by their tags: has_tag('k'), has_tag_value('k', 'v'), AND, OR, NOT")
        @Nullable
        List<String> match;

        @Option(names = "--on-column", paramLabel = "ALIAS", description = "the columns to mask")
        @Nullable
        String onColumn;

        @Option(
                names = "--using",
                paramLabel = "ARGUMENTS",
                description =
                        "more arguments of the function, with commas: aliases, numbers, TRUE, FALSE, or texts in single quotes")
        @Nullable
        List<String> using;

        @Option(names = "--when", paramLabel = "CONDITION", description = "only tables with these tags (default: TRUE)")
        @Nullable
        String when;

        @Option(
                names = "--to",
                split = ",",
                paramLabel = "PRINCIPAL",
                description = "whom it binds; \"account users\" for all")
        @Nullable
        List<String> to;

        @Option(names = "--except", split = ",", paramLabel = "PRINCIPAL", description = "whom it does not bind")
        @Nullable
        List<String> except;

        @Option(names = "--comment", paramLabel = "TEXT", description = "why it is there")
        @Nullable
        String comment;
    }

    @Command(description = "List the policies on a catalog, a schema or a table")
    void list(
            @Parameters(paramLabel = "TYPE", description = TYPE) UnityCatalog.Type type,
            @Parameters(paramLabel = "FULL_NAME") String name,
            @Option(names = "--inherited", description = "also those on what it lies in") boolean inherited) {
        Query query = Query.none().withFlag("include_inherited", inherited);
        session.printer().list(session.api().get(on(type, name), query), "policies", View.POLICY);
    }

    @Command(description = "Show a policy")
    void get(
            @Parameters(paramLabel = "TYPE", description = TYPE) UnityCatalog.Type type,
            @Parameters(paramLabel = "FULL_NAME") String name,
            @Parameters(paramLabel = "POLICY") String policy) {
        session.printer().details(session.api().get(on(type, name) + "/" + policy, Query.none()));
    }

    @Command(description = "Define a policy; it is in force on every branch when this ends")
    void create(
            @Parameters(paramLabel = "TYPE", description = TYPE) UnityCatalog.Type type,
            @Parameters(paramLabel = "FULL_NAME") String name,
            @Parameters(paramLabel = "POLICY") String policy,
            @ArgGroup(multiplicity = "1") Effect effect,
            @Mixin Terms terms) {
        ObjectNode body = body(terms, effect)
                .put("name", policy)
                .put("on_securable_type", type.name())
                .put("on_securable_fullname", name)
                .put("for_securable_type", "TABLE");
        shown(session.api().post(ALL, Query.none(), body));
    }

    @Command(description = "Change a policy; what is not given stays")
    void update(
            @Parameters(paramLabel = "TYPE", description = TYPE) UnityCatalog.Type type,
            @Parameters(paramLabel = "FULL_NAME") String name,
            @Parameters(paramLabel = "POLICY") String policy,
            @ArgGroup @Nullable Effect effect,
            @Mixin Terms terms) {
        String path = on(type, name) + "/" + policy;
        ObjectNode body = effect == null ? body(terms) : body(terms, effect);
        if (effect == null && (terms.using != null || terms.onColumn != null)) {
            // The server keeps what is not given; it has to be told of which effect something is.
            boolean filters = session.api().get(path, Query.none()).json().has(FILTER);
            given(body.putObject(filters ? FILTER : MASK), filters, terms);
        }
        if (body.isEmpty()) {
            throw new Failure(
                    ExitCode.USAGE,
                    "Nothing to change is given. Add what the policy is to have: --mask, --filter, --match, --on-column, --using,"
                            + " --when, --to, --except or --comment.");
        }
        shown(session.api().patch(path, Query.none(), body));
    }

    @Command(description = "Remove a policy: whom it bound sees what it hid")
    void delete(
            @Parameters(paramLabel = "TYPE", description = TYPE) UnityCatalog.Type type,
            @Parameters(paramLabel = "FULL_NAME") String name,
            @Parameters(paramLabel = "POLICY") String policy) {
        Reply removed = session.api().delete(on(type, name) + "/" + policy, Query.none());
        session.printer().note("Removed " + policy);
        UnityCatalog.warn(session, removed);
    }

    @Command(description = "Show all policies of a catalog as JSON, to be changed, replayed and applied together")
    void export(@Parameters(paramLabel = "CATALOG") String catalog) {
        session.printer()
                .text(PolicyFile.of(
                                session.api().get(set(catalog), Query.none()).json()) + "\n");
    }

    @Command(
            description = "Run what people have read under these policies, on copies, and show what would be different")
    void replay(
            @Parameters(paramLabel = "CATALOG") String catalog,
            @Option(names = "--file", required = true, paramLabel = "FILE", description = FILE) Path file,
            @Option(
                            names = "--branch",
                            paramLabel = "BRANCH",
                            description = "whose data to run it on (default: the project's default branch)")
                    @Nullable
                    String branch,
            @Option(names = "--since", paramLabel = "DURATION", description = "how far back (default: 24h)") @Nullable
                    ShortDuration since,
            @Option(names = "--limit", paramLabel = "COUNT", description = "most statements (default: 1000)") @Nullable
                    Integer limit) {
        ObjectNode body = PolicyFile.read(file);
        if (branch != null) {
            body.put("branch", branch);
        }
        if (since != null) {
            body.put("since", since.toString());
        }
        if (limit != null) {
            body.put("limit", limit);
        }
        ReplayReport.print(session, session.api().post(set(catalog) + "/replay", Query.none(), body));
    }

    @Command(description = "Make these all policies of a catalog; they are in force on every branch when this ends")
    void apply(
            @Parameters(paramLabel = "CATALOG") String catalog,
            @Option(names = "--file", required = true, paramLabel = "FILE", description = FILE) Path file,
            @Option(
                            names = "--epoch",
                            paramLabel = "EPOCH",
                            description =
                                    "only if the catalog's rules are still those of this epoch (default: the file's)")
                    @Nullable
                    Long epoch) {
        ObjectNode body = PolicyFile.read(file);
        if (epoch != null) {
            body.put("epoch", epoch);
        }
        Reply changed = session.api().put(set(catalog), Query.none(), body);
        session.printer().list(changed, "policies", View.POLICY);
        UnityCatalog.warn(session, changed);
    }

    private static String set(String catalog) {
        return UnityCatalog.ROOT + "/policy-sets/" + catalog;
    }

    private void shown(Reply changed) {
        session.printer().row(changed, View.POLICY);
        UnityCatalog.warn(session, changed);
    }

    private static ObjectNode body(Terms terms, Effect effect) {
        ObjectNode body = body(terms);
        if (effect.mask != null) {
            body.put("policy_type", "POLICY_TYPE_COLUMN_MASK");
            given(body.putObject(MASK).put(FUNCTION, effect.mask), false, terms);
        }
        if (effect.filter != null) {
            body.put("policy_type", "POLICY_TYPE_ROW_FILTER");
            given(body.putObject(FILTER).put(FUNCTION, effect.filter), true, terms);
        }
        return body;
    }

    /** What is given of an effect beside its function. */
    private static void given(ObjectNode effect, boolean filters, Terms terms) {
        if (filters && terms.onColumn != null) {
            throw new Failure(
                    ExitCode.USAGE,
                    "--on-column is for masks, and a row filter has no such column. Leave it out, or give --mask.");
        }
        if (terms.onColumn != null) {
            effect.put("on_column", terms.onColumn);
        }
        if (terms.using != null) {
            effect.set("using", UsingArguments.read(String.join(", ", terms.using)));
        }
    }

    /** All but the effect. */
    private static ObjectNode body(Terms terms) {
        ObjectNode body = Json.object();
        if (terms.match != null) {
            ArrayNode match = body.putArray("match_columns");
            terms.match.forEach(text -> match(match.addObject(), text));
        }
        if (terms.when != null) {
            body.put("when_condition", terms.when);
        }
        if (terms.to != null) {
            body.set("to_principals", Json.of(terms.to));
        }
        if (terms.except != null) {
            body.set("except_principals", Json.of(terms.except));
        }
        if (terms.comment != null) {
            body.put("comment", terms.comment);
        }
        return body;
    }

    /** What stands before the first = is an alias, unless it is the beginning of a condition. */
    private static void match(ObjectNode match, String text) {
        int equals = text.indexOf('=');
        String alias = equals < 0 ? "" : text.substring(0, equals).strip();
        boolean aliased = equals >= 0 && alias.indexOf('(') < 0;
        if (aliased && !alias.isEmpty()) {
            match.put("alias", alias);
        }
        match.put("condition", aliased ? text.substring(equals + 1) : text);
    }

    private static String on(UnityCatalog.Type type, String name) {
        return ALL + "/" + type.name().toLowerCase(Locale.ROOT) + "/" + name;
    }
}
