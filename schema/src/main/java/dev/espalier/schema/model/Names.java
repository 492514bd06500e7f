package dev.espalier.schema.model;

import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Quotes identifiers and literals so that any string, however hostile, stays a name or a text. */
public final class Names {

    private static final Pattern PLAIN = Pattern.compile("[a-z_][a-z0-9_]*");
    private static final Pattern IDENTIFIER = Pattern.compile("\"(?:[^\"]|\"\")*\"|[^,\\s]+");

    /** The key words of PostgreSQL 15 to 18 that are reserved somewhere: pg_get_keywords() where catcode is not U. */
    private static final Set<String> KEYWORDS = Set.of("""
            all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case
            cast char character check coalesce collate collation column concurrently constraint create cross
            current_catalog current_date current_role current_schema current_time current_timestamp current_user dec
            decimal default deferrable desc distinct do else end except exists extract false fetch float for foreign
            freeze from full grant greatest group grouping having ilike in initially inner inout int integer intersect
            interval into is isnull join json json_array json_arrayagg json_exists json_object json_objectagg json_query
            json_scalar json_serialize json_table json_value lateral leading least left like limit localtime
            localtimestamp merge_action national natural nchar none normalize not notnull null nullif numeric offset on
            only or order out outer overlaps overlay placing position precision primary real references returning right
            row select session_user setof similar smallint some substring symmetric system_user table tablesample then
            time timestamp to trailing treat trim true union unique user using values varchar variadic verbose when where
            window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot
            xmlserialize xmltable""".split("\\s+"));

    private Names() {}

    /** The identifier as SQL, in double quotes where it needs them. */
    public static String quote(String identifier) {
        if (PLAIN.matcher(identifier).matches() && !KEYWORDS.contains(identifier)) {
            return identifier;
        }
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    /** The identifiers of a list that PostgreSQL printed, such as {@code a, "B, c"}, each as it is written there. */
    public static List<String> list(String identifiers) {
        return IDENTIFIER.matcher(identifiers).results().map(MatchResult::group).toList();
    }

    /** The name that an identifier written by PostgreSQL means. */
    public static String unquoted(String identifier) {
        return identifier.startsWith("\"")
                ? identifier.substring(1, identifier.length() - 1).replace("\"\"", "\"")
                : identifier;
    }

    /** The text as an SQL literal that means the same whatever standard_conforming_strings says. */
    public static String literal(String text) {
        String quoted = "'" + text.replace("'", "''") + "'";
        return quoted.contains("\\") ? "E" + quoted.replace("\\", "\\\\") : quoted;
    }
}
