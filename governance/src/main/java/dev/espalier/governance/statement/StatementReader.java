package dev.espalier.governance.statement;

import dev.espalier.control.metastore.ColumnName;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.Policy.Argument;
import dev.espalier.control.metastore.PolicyDefinition;
import dev.espalier.control.metastore.PolicyDefinition.MatchText;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableNames;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.metastore.TagAssignments.Entity;
import dev.espalier.control.metastore.TagPrivilege;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads statements of governance. Key words are those of Databricks' reference; names are written with backticks or without. */
public final class StatementReader {

    private static final List<SecurableType> TAGGED =
            List.of(SecurableType.CATALOG, SecurableType.SCHEMA, SecurableType.TABLE);

    private static final Pattern BEGINNINGS = Pattern.compile(
            "(?:GRANT|REVOKE|SHOW\\s++(?:GOVERNED|EFFECTIVE|GRANTS?|POLICIES)|(?:CREATE|DROP)\\s++(?:OR\\s++REPLACE\\s++)?"
                    + "(?:GOVERNED|POLICY)|DESC(?:RIBE)?\\s++POLICY|ALTER\\s++(?:CATALOG|SCHEMA|DATABASE|TABLE|VIEW|GOVERNED)"
                    + "|COMMENT\\s++ON\\s++(?:CATALOG|SCHEMA|DATABASE|TABLE|VIEW|COLUMN)|(?:UN)?SET\\s++TAG)\\b",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern AS = Pattern.compile("(?<=[\\s)])AS$", Pattern.CASE_INSENSITIVE);

    private static final Pattern UNFINISHED =
            Pattern.compile("(?:^|(?:^|[\\s)])(?:AND|OR|NOT))$", Pattern.CASE_INSENSITIVE);

    private final Words words;

    private StatementReader(Words words) {
        this.words = words;
    }

    /**
     * @return empty for a text that does not begin as such a statement does
     * @throws dev.espalier.control.request.ControlException for one that begins so and cannot be read on
     */
    public static Optional<GovernanceStatement> read(String text) {
        if (!begins(text)) {
            return Optional.empty();
        }
        StatementReader reader = new StatementReader(new Words(text));
        Optional<GovernanceStatement> statement = reader.statement();
        if (statement.isPresent()) {
            reader.words.expectEnd();
        }
        return statement;
    }

    /** So that texts of PostgreSQL's, which may have quotes of other kinds, are not taken apart here. */
    private static boolean begins(String text) {
        return BEGINNINGS.matcher(text).region(Words.begin(text), text.length()).lookingAt();
    }

    private Optional<GovernanceStatement> statement() {
        if (words.skip("GRANT")) {
            Optional<Set<TagPrivilege>> onTag = tagPrivileges();
            if (onTag.isPresent()) {
                String key = tagKey();
                words.expect("TO");
                return Optional.of(new GovernanceStatement.GrantOnTag(onTag.get(), key, principal()));
            }
            Set<Privilege> privileges = privileges();
            Securable on = granted();
            words.expect("TO");
            return Optional.of(new GovernanceStatement.GrantPrivileges(privileges, on, principal()));
        }
        if (words.skip("REVOKE")) {
            Optional<Set<TagPrivilege>> onTag = tagPrivileges();
            if (onTag.isPresent()) {
                String key = tagKey();
                words.expect("FROM");
                return Optional.of(new GovernanceStatement.RevokeOnTag(onTag.get(), key, principal()));
            }
            Set<Privilege> privileges = privileges();
            Securable on = granted();
            words.expect("FROM");
            return Optional.of(new GovernanceStatement.RevokePrivileges(privileges, on, principal()));
        }
        if (words.ahead("SHOW")) {
            return show();
        }
        if (words.skip("CREATE", "GOVERNED", "TAG")) {
            return Optional.of(governedTag());
        }
        if (words.skip("DROP", "GOVERNED", "TAG")) {
            return Optional.of(new GovernanceStatement.DropGovernedTag(tagKey()));
        }
        if (words.skip("CREATE", "POLICY")) {
            return Optional.of(policy(false));
        }
        if (words.skip("CREATE", "OR", "REPLACE", "POLICY")) {
            return Optional.of(policy(true));
        }
        if (words.skip("DROP", "POLICY")) {
            return Optional.of(new GovernanceStatement.DropPolicy(words.identifier("the policy's name"), on()));
        }
        if (words.skip("DESCRIBE", "POLICY") || words.skip("DESC", "POLICY")) {
            return Optional.of(new GovernanceStatement.DescribePolicy(words.identifier("the policy's name"), on()));
        }
        if (words.skip("SET", "TAG", "ON")) {
            Entity entity = tagged();
            String key = tagKey();
            String value = words.skipSign("=") ? words.nameOrString("the tag's value") : "";
            return Optional.of(new GovernanceStatement.SetTags(entity, Map.of(key, value)));
        }
        if (words.skip("UNSET", "TAG", "ON")) {
            Entity entity = tagged();
            return Optional.of(new GovernanceStatement.UnsetTags(entity, List.of(tagKey())));
        }
        if (words.skip("ALTER", "GOVERNED", "TAG")) {
            return Optional.of(alteredTag());
        }
        if (words.skip("COMMENT", "ON")) {
            return Optional.of(comment());
        }
        return words.skip("ALTER") ? alter() : Optional.empty();
    }

    private String tagKey() {
        return words.nameOrString("the tag's key");
    }

    /** Those on a governed tag, with {@code ON GOVERNED TAG}; empty, and nothing read, for those on anything else. */
    private Optional<Set<TagPrivilege>> tagPrivileges() {
        int place = words.place();
        Set<TagPrivilege> privileges = EnumSet.noneOf(TagPrivilege.class);
        do {
            for (TagPrivilege privilege : TagPrivilege.values()) {
                if (words.skip(privilege.name())) {
                    privileges.add(privilege);
                }
            }
        } while (words.skipSign(","));
        if (!privileges.isEmpty() && words.skip("ON", "GOVERNED", "TAG")) {
            return Optional.of(privileges);
        }
        words.back(place);
        return Optional.empty();
    }

    private GovernanceStatement alteredTag() {
        String key = tagKey();
        if (words.skip("SET", "DESCRIPTION")) {
            return new GovernanceStatement.AlterGovernedTag(
                    key, Optional.of(words.string("a text in single quotes")), Optional.empty());
        }
        words.expect("SET", "VALUES");
        words.expectSign("(");
        if (words.skipSign(")")) {
            return new GovernanceStatement.AlterGovernedTag(key, Optional.empty(), Optional.of(List.of()));
        }
        List<String> values = strings("a value in single quotes");
        words.expectSign(")");
        return new GovernanceStatement.AlterGovernedTag(key, Optional.empty(), Optional.of(values));
    }

    /** Of what lies in a catalog, comments are the database's own, on each branch. */
    private GovernanceStatement comment() {
        if (!words.skip("CATALOG")) {
            throw Words.refused(
                    "comments on schemas, tables, views and columns are the database's own, and its owner's to make:"
                            + " say COMMENT ON there, on a branch. Here is COMMENT ON CATALOG.");
        }
        Securable catalog = securable(SecurableType.CATALOG);
        words.expect("IS");
        String comment = words.skip("NULL") ? "" : words.string("a text in single quotes, or NULL");
        return new GovernanceStatement.SetComment(catalog.name().catalog(), comment);
    }

    private Optional<GovernanceStatement> show() {
        if (words.skip("SHOW", "GOVERNED", "TAGS")) {
            return Optional.of(new GovernanceStatement.ShowGovernedTags());
        }
        boolean effective = words.ahead("SHOW", "EFFECTIVE");
        if (effective ? words.skip("SHOW", "EFFECTIVE", "POLICIES") : words.skip("SHOW", "POLICIES")) {
            return Optional.of(new GovernanceStatement.ShowPolicies(on(), effective));
        }
        if (skipShowGrants(effective)) {
            Optional<String> principal = words.ahead("ON") ? Optional.empty() : Optional.of(principal());
            if (principal.isEmpty() && words.skip("ON", "GOVERNED", "TAG")) {
                return Optional.of(new GovernanceStatement.ShowTagGrants(tagKey()));
            }
            return Optional.of(new GovernanceStatement.ShowGrants(principal, granted(), effective));
        }
        return Optional.empty();
    }

    /** {@code GRANT} stands for {@code GRANTS}, too. */
    private boolean skipShowGrants(boolean effective) {
        return Stream.of("GRANTS", "GRANT")
                .anyMatch(noun -> effective ? words.skip("SHOW", "EFFECTIVE", noun) : words.skip("SHOW", noun));
    }

    /** {@code ALTER} of what PostgreSQL has, too: only what it does not know is meant. */
    private Optional<GovernanceStatement> alter() {
        if ((words.ahead("DATABASE") && !taggedAhead(2)) || (words.ahead("VIEW") && !taggedAhead(3))) {
            return Optional.empty();
        }
        for (SecurableType type : TAGGED) {
            if (skipType(type)) {
                Securable securable = securable(type);
                if (words.skip("ALTER", "COLUMN")) {
                    return tags(new Entity(securable.name(), Optional.of(words.identifier("the column's name"))));
                }
                boolean owner = words.skip("OWNER", "TO") || words.skip("SET", "OWNER", "TO");
                if (owner && type == SecurableType.CATALOG) {
                    return Optional.of(
                            new GovernanceStatement.SetOwner(securable.name().catalog(), principal()));
                }
                if (owner) {
                    throw Words.refused("who owns a schema or a table is said in its database: ALTER " + type
                            + " … OWNER TO there.");
                }
                return tags(new Entity(securable.name(), Optional.empty()));
            }
        }
        return Optional.empty();
    }

    /** Whether tags are set or unset on what has a name of so many parts. */
    private boolean taggedAhead(int parts) {
        int place = words.place();
        words.name("what is altered");
        boolean tagged = words.qualifiedNameAhead(parts)
                && words.qualifiedName("a name").size() == parts
                && (words.ahead("SET", "TAGS") || words.ahead("UNSET", "TAGS"));
        words.back(place);
        return tagged;
    }

    private Optional<GovernanceStatement> tags(Entity entity) {
        if (words.skip("SET", "TAGS")) {
            Map<String, String> tags = new LinkedHashMap<>();
            words.expectSign("(");
            do {
                String key = words.string("the tag's key in single quotes");
                tags.put(key, words.skipSign("=") ? words.string("the tag's value in single quotes") : "");
            } while (words.skipSign(","));
            words.expectSign(")");
            return Optional.of(new GovernanceStatement.SetTags(entity, tags));
        }
        if (words.skip("UNSET", "TAGS")) {
            words.expectSign("(");
            List<String> keys = strings("the tag's key in single quotes");
            words.expectSign(")");
            return Optional.of(new GovernanceStatement.UnsetTags(entity, keys));
        }
        throw words.wrong("SET TAGS or UNSET TAGS");
    }

    private GovernanceStatement governedTag() {
        String key = tagKey();
        List<String> values = List.of();
        Optional<String> description = Optional.empty();
        while (!words.atEnd()) {
            if (words.skip("VALUES")) {
                words.expectSign("(");
                values = strings("a value in single quotes");
                words.expectSign(")");
            } else if (words.skip("DESCRIPTION") || words.skip("COMMENT")) {
                description = Optional.of(words.string("a text in single quotes"));
            } else {
                throw words.wrong("VALUES, DESCRIPTION or the end of the statement");
            }
        }
        return new GovernanceStatement.CreateGovernedTag(key, description, values);
    }

    private GovernanceStatement policy(boolean orReplace) {
        String name = words.identifier("the policy's name");
        Securable on = on();
        Optional<String> comment =
                words.skip("COMMENT") ? Optional.of(words.string("a text in single quotes")) : Optional.empty();
        boolean masks = words.skip("COLUMN", "MASK");
        if (!masks) {
            words.expect("ROW", "FILTER");
        }
        String function = securable(SecurableType.FUNCTION).name().toString();
        words.expect("TO");
        Set<String> to = principals();
        Set<String> except = words.skip("EXCEPT") ? principals() : Set.of();
        words.expect("FOR", "TABLES");
        String when = words.skip("WHEN")
                ? words.textUpTo(List.of("MATCH", "ON", "USING")).orElseThrow(() -> words.wrong("a condition"))
                : PolicyDefinition.ALWAYS;
        List<MatchText> match = words.skip("MATCH", "COLUMNS") ? matches() : List.of();
        Optional<String> column = Optional.empty();
        if (masks) {
            words.expect("ON", "COLUMN");
            column = Optional.of(words.identifier("what the policy calls the column"));
        }
        List<Argument> using = List.of();
        if (words.skip("USING", "COLUMNS")) {
            words.expectSign("(");
            using = arguments();
            words.expectSign(")");
        }
        List<Argument> arguments = using;
        Policy.Effect effect = column.<Policy.Effect>map(alias -> new Policy.ColumnMask(function, alias, arguments))
                .orElseGet(() -> new Policy.RowFilter(function, arguments));
        return new GovernanceStatement.CreatePolicy(
                new PolicyDefinition(name, comment, on, to, except, when, match, effect), orReplace);
    }

    private List<MatchText> matches() {
        List<MatchText> matches = new ArrayList<>();
        do {
            String written = words.textUpTo(List.of(",", "ON", "USING"))
                    .orElseThrow(() -> words.wrong("a condition on columns"));
            matches.add(match(written));
        } while (words.skipSign(","));
        return matches;
    }

    /** The last word is the alias, if there is one: a condition ends with a parenthesis, or with TRUE behind nothing, AND, OR or NOT. */
    private static MatchText match(String written) {
        Words.Last last = Words.last(written);
        if (last.name().isEmpty() || UNFINISHED.matcher(last.before()).find()) {
            return new MatchText(Policy.Match.UNNAMED, written);
        }
        String condition = AS.matcher(last.before()).replaceFirst("").stripTrailing();
        return new MatchText(last.name().get(), condition);
    }

    private List<Argument> arguments() {
        List<Argument> arguments = new ArrayList<>();
        do {
            arguments.add(argument());
        } while (words.skipSign(","));
        return arguments;
    }

    /** Texts, numbers, TRUE and FALSE are constants; what PostgreSQL makes of one is for the function's parameter to say. */
    private Argument argument() {
        if (words.stringAhead()) {
            return new Policy.Constant(words.string("a constant"));
        }
        for (String truth : List.of("true", "false")) {
            if (words.skip(truth)) {
                return new Policy.Constant(truth);
            }
        }
        if (words.ahead("NULL")) {
            throw Words.refused(
                    "NULL is no constant for USING COLUMNS: leave the argument out where the function has a default,"
                            + " or write a function that takes none.");
        }
        return words.number()
                .<Argument>map(Policy.Constant::new)
                .orElseGet(() -> new Policy.Alias(words.identifier("what the policy calls a column, or a constant")));
    }

    private Set<Privilege> privileges() {
        Set<Privilege> privileges = EnumSet.noneOf(Privilege.class);
        do {
            privileges.add(privilege());
        } while (words.skipSign(","));
        return privileges;
    }

    /** In words, as {@code USE CATALOG}, or in one. */
    private Privilege privilege() {
        for (Privilege privilege : Privilege.values()) {
            if (words.skip(privilege.name().split("_")) || words.skip(privilege.name())) {
                return privilege;
            }
        }
        throw words.wrong(Arrays.stream(Privilege.values())
                .map(privilege -> privilege.name().replace('_', ' '))
                .collect(Collectors.joining(", ", "a privilege (", ")")));
    }

    private Securable on() {
        words.expect("ON");
        for (SecurableType type : SecurableType.values()) {
            if (type != SecurableType.METASTORE && skipType(type)) {
                return securable(type);
            }
        }
        throw words.wrong("CATALOG, SCHEMA, TABLE or FUNCTION");
    }

    /** The word TABLE may be left out before the name of one. */
    private Securable granted() {
        int place = words.place();
        if (words.skip("ON") && words.qualifiedNameAhead(3)) {
            return securable(SecurableType.TABLE);
        }
        words.back(place);
        return on();
    }

    /** By any of its words. */
    private boolean skipType(SecurableType type) {
        return words.skip(type.name())
                || (type == SecurableType.SCHEMA && words.skip("DATABASE"))
                || (type == SecurableType.TABLE && words.skip("VIEW"));
    }

    private Securable securable(SecurableType type) {
        return SecurableNames.of(type, words.qualifiedName("a name"));
    }

    private Entity tagged() {
        if (words.skip("COLUMN")) {
            ColumnName column = SecurableNames.column(words.qualifiedName("a column's full name"));
            return new Entity(column.of(), Optional.of(column.column()));
        }
        for (SecurableType type : TAGGED) {
            if (skipType(type)) {
                return new Entity(securable(type).name(), Optional.empty());
            }
        }
        throw words.wrong("CATALOG, SCHEMA, TABLE or COLUMN");
    }

    private Set<String> principals() {
        Set<String> principals = new LinkedHashSet<>();
        do {
            principals.add(principal());
        } while (words.skipSign(","));
        return principals;
    }

    private String principal() {
        return words.nameOrString("a user, a service principal or a group, in backticks");
    }

    private List<String> strings(String what) {
        List<String> strings = new ArrayList<>();
        do {
            strings.add(words.string(what));
        } while (words.skipSign(","));
        return strings;
    }
}
