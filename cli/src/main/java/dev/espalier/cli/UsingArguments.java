package dev.espalier.cli;

import dev.espalier.cli.client.Json;
import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ArrayNode;

/**
 * Arguments of a policy's function as {@code USING COLUMNS} of {@code CREATE POLICY} has them: texts in single quotes, numbers, TRUE and FALSE
 * are constants, anything else is an alias, which is taken as it is written.
 */
final class UsingArguments {

    /** A quote inside is written twice. No argument has more than a few of them. */
    private static final Pattern ARGUMENT = Pattern.compile(
            "\\s*(?:'(?<text>[^']*+(?:''[^']*+)*+)'|`(?<ticks>[^`]++(?:``[^`]*+)*+)`|\"(?<quotes>[^\"]++(?:\"\"[^\"]*+)*+)\""
                    + "|(?<number>-?[0-9]++(?:\\.[0-9]++)?+(?![\\p{L}\\p{Nd}_.]))|(?<word>[\\p{L}\\p{Nd}_]++))\\s*");

    private static final Set<String> TRUTHS = Set.of("true", "false");

    private UsingArguments() {}

    /** @param text with commas between the arguments; nothing for none */
    static ArrayNode read(String text) {
        ArrayNode arguments = Json.array();
        if (text.isBlank()) {
            return arguments;
        }
        Matcher argument = ARGUMENT.matcher(text);
        int at = 0;
        while (true) {
            if (!argument.region(at, text.length()).lookingAt()) {
                throw wrong(text, at, "an alias, a number, or a text in single quotes");
            }
            add(arguments, argument);
            at = argument.end();
            if (at == text.length()) {
                return arguments;
            }
            if (text.charAt(at) != ',') {
                throw wrong(text, at, "a comma or the end");
            }
            at++;
        }
    }

    private static void add(ArrayNode arguments, Matcher argument) {
        String word = argument.group("word");
        String truth = word == null ? "" : word.toLowerCase(Locale.ROOT);
        if (truth.equals("null")) {
            throw new Failure(
                    ExitCode.USAGE,
                    "NULL is no constant for --using: leave the argument out where the function has a default, or write a"
                            + " function that takes none.");
        }
        if (argument.group("text") != null) {
            constant(arguments, argument.group("text").replace("''", "'"));
        } else if (argument.group("number") != null) {
            constant(arguments, argument.group("number"));
        } else if (TRUTHS.contains(truth)) {
            constant(arguments, truth);
        } else if (argument.group("ticks") != null) {
            alias(arguments, argument.group("ticks").replace("``", "`"));
        } else if (argument.group("quotes") != null) {
            alias(arguments, argument.group("quotes").replace("\"\"", "\""));
        } else {
            alias(arguments, argument.group("word"));
        }
    }

    private static void constant(ArrayNode arguments, String value) {
        arguments.addObject().put("constant", value);
    }

    private static void alias(ArrayNode arguments, String name) {
        arguments.addObject().put("alias", name);
    }

    private static Failure wrong(String text, int at, String expected) {
        return new Failure(
                ExitCode.USAGE,
                "--using cannot be read at character " + (at + 1) + " of \"" + text + "\": " + expected
                        + " belongs there. A quote inside a text is written twice, and a name that is more than letters, digits"
                        + " and underscores stands in backticks.");
    }
}
