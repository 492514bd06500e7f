package dev.espalier.governance.statement;

import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.Policy.Argument;
import dev.espalier.control.metastore.PolicyDefinition;
import dev.espalier.control.metastore.PolicyDefinition.MatchText;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableName;
import dev.espalier.control.metastore.SecurableType;
import dev.espalier.control.metastore.TagAssignments.Entity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads statements of governance. Key words are those of Databricks' reference; names are written with backticks or without. */
public final class StatementReader {

    private static final List<SecurableType> TAGGED =
            List.of(SecurableType.CATALOG, SecurableType.SCHEMA, SecurableType.TABLE);

    private static final Pattern BEGINNINGS = Pattern.compile(
            "(?:GRANT|REVOKE|SHOW\\s++(?:GOVERNED|EFFECTIVE|GRANTS|POLICIES)|(?:CREATE|DROP)\\s++(?:OR\\s++REPLACE\\s++)?"
                    + "(?:GOVERNED|POLICY)|DESC(?:RIBE)?\\s++POLICY|ALTER\\s++(?:CATALOG|SCHEMA|TABLE)|(?:UN)?SET\\s++TAG)\\b",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern AS = Pattern.compile("(?<=[\\s)])AS$", Pattern.CASE_INSENSITIVE);

    private final Words words;

    private StatementReader(Words words) {
        this.words = words;
    }

    /**
     * @return empty for a text that does not begin as such a statement does
     * @throws dev.espalier.control.ControlException for one that begins so and cannot be read on
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
            Set<Privilege> privileges = privileges();
            Securable on = on();
            words.expect("TO");
            return Optional.of(new GovernanceStatement.GrantPrivileges(privileges, on, principal()));
        }
        if (words.skip("REVOKE")) {
            Set<Privilege> privileges = privileges();
            Securable on = on();
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
            return Optional.of(new GovernanceStatement.DropGovernedTag(words.nameOrString("the tag's key")));
        }
        if (words.skip("CREATE", "POLICY")) {
            return Optional.of(policy(false));
        }
        if (words.skip("CREATE", "OR", "REPLACE", "POLICY")) {
            return Optional.of(policy(true));
        }
        if (words.skip("DROP", "POLICY")) {
            return Optional.of(new GovernanceStatement.DropPolicy(words.name("the policy's name"), on()));
        }
        if (words.skip("DESCRIBE", "POLICY") || words.skip("DESC", "POLICY")) {
            return Optional.of(new GovernanceStatement.DescribePolicy(words.name("the policy's name"), on()));
        }
        if (words.skip("SET", "TAG", "ON")) {
            Entity entity = tagged();
            String key = words.nameOrString("the tag's key");
            String value = words.skipSign("=") ? words.nameOrString("the tag's value") : "";
            return Optional.of(new GovernanceStatement.SetTags(entity, Map.of(key, value)));
        }
        if (words.skip("UNSET", "TAG", "ON")) {
            Entity entity = tagged();
            return Optional.of(new GovernanceStatement.UnsetTags(entity, List.of(words.nameOrString("the tag's key"))));
        }
        return words.skip("ALTER") ? alter() : Optional.empty();
    }

    private Optional<GovernanceStatement> show() {
        if (words.skip("SHOW", "GOVERNED", "TAGS")) {
            return Optional.of(new GovernanceStatement.ShowGovernedTags());
        }
        boolean effective = words.ahead("SHOW", "EFFECTIVE");
        if (effective ? words.skip("SHOW", "EFFECTIVE", "POLICIES") : words.skip("SHOW", "POLICIES")) {
            return Optional.of(new GovernanceStatement.ShowPolicies(on(), effective));
        }
        if (effective ? words.skip("SHOW", "EFFECTIVE", "GRANTS") : words.skip("SHOW", "GRANTS")) {
            Optional<String> principal = words.ahead("ON") ? Optional.empty() : Optional.of(principal());
            return Optional.of(new GovernanceStatement.ShowGrants(principal, on(), effective));
        }
        return Optional.empty();
    }

    /** {@code ALTER} of what PostgreSQL has, too: only what it does not know is meant. */
    private Optional<GovernanceStatement> alter() {
        for (SecurableType type : TAGGED) {
            if (words.skip(type.name())) {
                Securable securable = securable(type);
                if (words.skip("ALTER", "COLUMN")) {
                    return tags(new Entity(securable.name(), Optional.of(words.name("the column's name"))));
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
        String key = words.nameOrString("the tag's key");
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
        String name = words.name("the policy's name");
        Securable on = on();
        Optional<String> comment =
                words.skip("COMMENT") ? Optional.of(words.string("a text in single quotes")) : Optional.empty();
        boolean masks = words.skip("COLUMN", "MASK");
        if (!masks) {
            words.expect("ROW", "FILTER");
        }
        String function = String.join(".", words.qualifiedName("the function's name"));
        words.expect("TO");
        Set<String> to = principals();
        Set<String> except = words.skip("EXCEPT") ? principals() : Set.of();
        words.expect("FOR", "TABLES");
        String when = words.skip("WHEN")
                ? words.textUpTo(List.of("MATCH", "ON", "USING")).orElseThrow(() -> words.wrong("a condition"))
                : "TRUE";
        List<MatchText> match = words.skip("MATCH", "COLUMNS") ? matches() : List.of();
        Optional<String> column = Optional.empty();
        if (masks) {
            words.expect("ON", "COLUMN");
            column = Optional.of(words.name("what the policy calls the column"));
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

    /** The last word is the alias, which follows a parenthesis or {@code AS}; a condition ends with a parenthesis or TRUE. */
    private MatchText match(String written) {
        int end = written.length();
        int start = end;
        boolean quoted = written.charAt(end - 1) == '`';
        if (quoted) {
            start = written.lastIndexOf('`', end - 2);
        } else {
            while (start > 0 && isNamePart(written.charAt(start - 1))) {
                start--;
            }
        }
        if (start <= 0 || start == end) {
            throw Words.refused("MATCH COLUMNS " + written + " does not say what the policy calls the column. "
                    + "Write a name behind the condition, as in has_tag('pii') AS person.");
        }
        String alias = quoted ? written.substring(start + 1, end - 1) : written.substring(start, end);
        String condition = written.substring(0, start).stripTrailing();
        return new MatchText(alias, AS.matcher(condition).replaceFirst("").stripTrailing());
    }

    private static boolean isNamePart(char c) {
        return Character.isLetterOrDigit(c) || c == '_';
    }

    private List<Argument> arguments() {
        List<Argument> arguments = new ArrayList<>();
        do {
            arguments.add(
                    words.stringAhead()
                            ? new Policy.Constant(words.string("a constant"))
                            : argument(words.name("what the policy calls a column, or a constant")));
        } while (words.skipSign(","));
        return arguments;
    }

    /** A number is a constant. */
    private static Argument argument(String word) {
        return Character.isDigit(word.charAt(0)) ? new Policy.Constant(word) : new Policy.Alias(word);
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
            if (type != SecurableType.METASTORE && words.skip(type.name())) {
                return securable(type);
            }
        }
        if (words.skip("VIEW")) {
            return securable(SecurableType.TABLE);
        }
        throw words.wrong("CATALOG, SCHEMA, TABLE or FUNCTION");
    }

    private Securable securable(SecurableType type) {
        List<String> parts = words.qualifiedName("a name");
        int wanted = type == SecurableType.CATALOG ? 1 : type == SecurableType.SCHEMA ? 2 : 3;
        if (parts.size() != wanted) {
            throw Words.refused("\"" + String.join(".", parts) + "\" is not the full name of a "
                    + type.name().toLowerCase(Locale.ROOT) + ". Write "
                    + List.of("CATALOG", "CATALOG.SCHEMA", "CATALOG.SCHEMA.NAME")
                            .get(wanted - 1) + ".");
        }
        return new Securable(
                type,
                switch (wanted) {
                    case 1 -> SecurableName.of(parts.get(0));
                    case 2 -> SecurableName.of(parts.get(0), parts.get(1));
                    default -> SecurableName.of(parts.get(0), parts.get(1), parts.get(2));
                });
    }

    private Entity tagged() {
        if (words.skip("COLUMN")) {
            List<String> parts = words.qualifiedName("a column's full name");
            if (parts.size() != 4) {
                throw Words.refused("\"" + String.join(".", parts)
                        + "\" is not the full name of a column. Write CATALOG.SCHEMA.TABLE.COLUMN.");
            }
            return new Entity(SecurableName.of(parts.get(0), parts.get(1), parts.get(2)), Optional.of(parts.get(3)));
        }
        for (SecurableType type : TAGGED) {
            if (words.skip(type.name())) {
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
