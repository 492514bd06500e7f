package dev.espalier.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Splits a psql script into the texts that psql would send, as psql does: by semicolons outside quotes, parentheses,
 * comments and BEGIN ATOMIC bodies, with backslash commands and COPY data left out. Statements with psql variables are left
 * out too.
 */
final class PsqlScript {

    private static final Pattern TOKEN = Pattern.compile("""
            (?<meta>\\\\[^\\n]*)\
            |(?<line>--[^\\n]*)\
            |(?<escaped>[eE]'(?:[^'\\\\]|\\\\.|'')*+'?)\
            |(?<quoted>'(?:[^']|'')*+'?|"(?:[^"]|"")*+"?)\
            |(?<dollar>\\$(?<tag>(?:[A-Za-z_\\x80-\\uffff][\\w\\x80-\\uffff]*)?)\\$)\
            |(?<word>[A-Za-z_\\x80-\\uffff][\\w$\\x80-\\uffff]*)\
            |(?<cast>::|:=)\
            |(?<variable>:(?:'\\w+'|"\\w+"|\\{\\?\\w+}|[A-Za-z_]\\w*))\
            |(?<other>.)""", Pattern.DOTALL);

    private static final Pattern SENDING = Pattern.compile(
            "\\\\(?:g|gset|gexec|gx|gdesc|crosstabview|watch|bind|bind_named|parse|sendpipeline|close_prepared)\\b.*");
    private static final Pattern COPY_IN =
            Pattern.compile("\\s*copy\\b.*\\bfrom\\s+stdin\\b.*", Pattern.DOTALL | Pattern.CASE_INSENSITIVE);
    private static final Pattern COMMENT = Pattern.compile("--[^\\n]*|/\\*.*?\\*/", Pattern.DOTALL);

    private final String script;
    private final List<String> statements = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private final List<String> words = new ArrayList<>();
    private int parentheses;
    private int atomic;
    private boolean variables;

    private PsqlScript(String script) {
        this.script = script;
    }

    static List<String> statements(String script) {
        PsqlScript split = new PsqlScript(script);
        split.run();
        return split.statements;
    }

    private void run() {
        Matcher token = TOKEN.matcher(script);
        int at = 0;
        while (at < script.length() && token.find(at)) {
            at = token.end();
            String found = token.group();
            if (script.startsWith("/*", token.start())) {
                at = endOfComment(token.start());
                text.append(script, token.start(), at);
            } else if (found.startsWith("\\;")) {
                text.append(';');
                at = token.start() + 2;
            } else if (token.group("meta") != null) {
                command(found);
            } else if (token.group("dollar") != null) {
                int end = script.indexOf(found, at);
                at = end < 0 ? script.length() : end + found.length();
                text.append(script, token.start(), at);
            } else if (found.equals(";") && parentheses == 0 && atomic == 0) {
                boolean copy =
                        COPY_IN.matcher(COMMENT.matcher(text).replaceAll("")).matches();
                finish();
                at = copy ? afterCopyData(at) : at;
            } else {
                text.append(found);
                note(token, found);
            }
        }
        finish();
    }

    private void note(Matcher token, String found) {
        if (token.group("word") != null) {
            word(found.toLowerCase(java.util.Locale.ROOT));
        } else if (token.group("variable") != null) {
            variables = true;
        } else if (found.equals("(")) {
            parentheses++;
        } else if (found.equals(")") && parentheses > 0) {
            parentheses--;
        }
    }

    private void word(String word) {
        if (words.size() < 4) {
            words.add(word);
        }
        boolean routine =
                words.getFirst().equals("create") && (words.contains("function") || words.contains("procedure"));
        if (parentheses == 0 && routine) {
            if (word.equals("begin") || (word.equals("case") && atomic > 0)) {
                atomic++;
            } else if (word.equals("end") && atomic > 0) {
                atomic--;
            }
        }
    }

    private void command(String command) {
        if (SENDING.matcher(command).matches()) {
            finish();
        } else if (command.matches("\\\\(?:r|reset)\\b.*")) {
            clear();
        }
    }

    private int endOfComment(int start) {
        int depth = 0;
        for (int i = start; i < script.length() - 1; i++) {
            if (script.startsWith("/*", i)) {
                depth++;
                i++;
            } else if (script.startsWith("*/", i)) {
                depth--;
                i++;
                if (depth == 0) {
                    return i + 1;
                }
            }
        }
        return script.length();
    }

    private int afterCopyData(int at) {
        int end = script.indexOf("\n\\.", at);
        if (end < 0) {
            return at;
        }
        int line = script.indexOf('\n', end + 1);
        return line < 0 ? script.length() : line;
    }

    private void finish() {
        boolean empty = COMMENT.matcher(text).replaceAll("").replace(";", "").isBlank();
        if (!empty && !variables) {
            statements.add(text.toString().strip());
        }
        clear();
    }

    private void clear() {
        text.setLength(0);
        words.clear();
        parentheses = 0;
        atomic = 0;
        variables = false;
    }
}
