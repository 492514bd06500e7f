package dev.espalier.governance;

import dev.espalier.control.metastore.MaskFunction;
import dev.espalier.control.metastore.MaskFunction.Parameter;
import dev.espalier.control.metastore.MaskFunctions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The functions that come with Espalier; {@code mask_library.sql} defines them. None raises an error or says what it was given,
 * and none shows a short value whole.
 */
public final class MaskLibrary {

    private static final String TEXT = "text";
    private static final String JSON = "jsonb";
    private static final Parameter VALUE = new Parameter("value", TEXT);

    private static final List<MaskFunction> FUNCTIONS = List.of(
            mask("null", VALUE, "NULL, for a column of any type"),
            mask("redact", VALUE, "*** for every value"),
            mask("email", VALUE, "the first letter and the domain: j***@example.com; *** for what is no address"),
            mask("email_full", VALUE, "***@masked.invalid for every value"),
            mask("phone", VALUE, "the last two characters"),
            mask("name", VALUE, "the first letter of each word of two or more"),
            new MaskFunction(
                    "partial",
                    List.of(
                            VALUE,
                            new Parameter("head", "integer"),
                            new Parameter("pad", TEXT),
                            new Parameter("tail", "integer")),
                    false,
                    TEXT,
                    false,
                    "some characters of the beginning and the end; only the pad where that would be half the value or more"),
            new MaskFunction(
                    "year", List.of(new Parameter("value", "date")), false, "date", false, "the year's first day"),
            new MaskFunction(
                    "month", List.of(new Parameter("value", "date")), false, "date", false, "the month's first day"),
            new MaskFunction(
                    "bucket",
                    List.of(new Parameter("value", "numeric"), new Parameter("width", "numeric")),
                    false,
                    "numeric",
                    false,
                    "the number, cut down to a multiple of the width"),
            new MaskFunction(
                    "ip",
                    List.of(new Parameter("value", "inet")),
                    false,
                    "inet",
                    false,
                    "the network: 24 bits of an IPv4 address, 48 of an IPv6 one"),
            keyed("hash", List.of(VALUE), TEXT, "HMAC-SHA256 with the database's own key, in hexadecimal"),
            keyed("token", List.of(VALUE), TEXT, "21 characters, the same for the same value"),
            keyed("email_token", List.of(VALUE), TEXT, "an address, the same for the same one, that leads nowhere"),
            keyed(
                    "date_shift",
                    List.of(
                            new Parameter("value", "date"),
                            new Parameter("subject", TEXT),
                            new Parameter("days", "integer")),
                    "date",
                    "the date, up to so many days off; for one subject always as many"),
            keyed("digits", List.of(VALUE), TEXT, "other digits in the same layout, one to one; letters become stars"),
            mask(
                    "redact_patterns",
                    VALUE,
                    "any text without e-mail addresses and long numbers, as people and programs usually write them"),
            new MaskFunction(
                    "when_key",
                    List.of(VALUE, new Parameter("key", TEXT), new Parameter("words", TEXT)),
                    false,
                    TEXT,
                    false,
                    "*** where the key, another column, has one of the words: email|phone|displayname"),
            json("json_paths", JSON, "paths", "*** at each of the paths, in all elements of lists: profile.email"),
            json("json_keys", JSON, "keys", "*** under each of the keys, wherever they are"),
            json("json_text_keys", TEXT, "keys", "json_keys for JSON kept as text, then redact_patterns"),
            json("json_text_paths", TEXT, "paths", "json_paths for JSON kept as text"),
            filter("is_one_of", "allowed", "for row filters: whether the column has one of the values"),
            filter("is_none_of", "hidden", "for row filters: whether the column has another value than these"));

    private MaskLibrary() {}

    /** All of them, for users to choose from. */
    public static List<MaskFunction> functions() {
        return FUNCTIONS;
    }

    /** The one of a full name such as {@code system.mask.email}. */
    public static Optional<MaskFunction> find(String fullName) {
        return FUNCTIONS.stream()
                .filter(function -> fullName.equals(MaskFunctions.PREFIX + function.name()))
                .findFirst();
    }

    private static MaskFunction mask(String name, Parameter value, String description) {
        return new MaskFunction(name, List.of(value), false, TEXT, false, description);
    }

    private static MaskFunction keyed(String name, List<Parameter> parameters, String type, String description) {
        return new MaskFunction(name, parameters, false, type, true, description);
    }

    private static MaskFunction json(String name, String type, String last, String description) {
        return new MaskFunction(
                name, List.of(new Parameter("value", type), new Parameter(last, TEXT)), true, type, false, description);
    }

    private static MaskFunction filter(String name, String last, String description) {
        List<Parameter> parameters = new ArrayList<>(List.of(VALUE, new Parameter(last, TEXT)));
        return new MaskFunction(name, parameters, true, "boolean", false, description);
    }
}
