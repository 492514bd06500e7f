package dev.espalier.api.scim;

import dev.espalier.control.Directory.Attribute;
import dev.espalier.control.Directory.Filter;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.identity.PrincipalKind;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a filter (RFC 7644, section 3.4.2.2). Of its language only what finds one: {@code ATTRIBUTE eq "VALUE"}. */
final class ScimFilter {

    private static final Pattern EQUAL = Pattern.compile(
            "\\s*([a-z]+)\\s+eq\\s+(?:\"([^\"]*)\"|'([^']*)'|([^\\s\"']+))\\s*", Pattern.CASE_INSENSITIVE);

    private static final Map<PrincipalKind, Map<String, Attribute>> ATTRIBUTES = Map.of(
            PrincipalKind.USER,
            Map.of(
                    "id", Attribute.ID,
                    "username", Attribute.NAME,
                    "displayname", Attribute.FULL_NAME,
                    "externalid", Attribute.EXTERNAL_ID),
            PrincipalKind.SERVICE_PRINCIPAL,
            Map.of(
                    "id", Attribute.ID,
                    "applicationid", Attribute.UID,
                    "displayname", Attribute.NAME,
                    "externalid", Attribute.EXTERNAL_ID),
            PrincipalKind.GROUP,
            Map.of(
                    "id", Attribute.ID,
                    "displayname", Attribute.NAME,
                    "externalid", Attribute.EXTERNAL_ID));

    private ScimFilter() {}

    /** @throws ControlException if it asks for more */
    static Filter read(PrincipalKind kind, String text) {
        Map<String, Attribute> attributes = ATTRIBUTES.getOrDefault(kind, Map.of());
        Matcher matcher = EQUAL.matcher(text);
        Attribute attribute =
                matcher.matches() ? attributes.get(matcher.group(1).toLowerCase(Locale.ROOT)) : null;
        if (attribute == null) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "the filter " + text + " cannot be used. Write ATTRIBUTE eq \"VALUE\", with one of "
                            + String.join(", ", new TreeSet<>(attributes.keySet())) + ".");
        }
        for (int group = 2; group <= 4; group++) {
            if (matcher.group(group) != null) {
                return new Filter(attribute, matcher.group(group));
            }
        }
        throw new IllegalStateException("a filter that matches has a value");
    }
}
