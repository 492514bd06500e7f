package dev.espalier.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;

/** Reads settings from a file, the environment and the command line, the later the stronger. */
final class SettingsReader {

    /** Variables that begin like settings and are something else. */
    private static final Set<String> OTHER_VARIABLES = Set.of(
            "ESPALIER_HOME",
            "ESPALIER_JAVA_HOME",
            "ESPALIER_JDKS",
            "ESPALIER_PROJECT",
            "ESPALIER_HOST",
            "ESPALIER_CLIENT_ID",
            "ESPALIER_CLIENT_SECRET");

    private static final int NEAR = 4;

    private final Map<Setting, String> values = new EnumMap<>(Setting.class);
    private final List<String> problems = new ArrayList<>();

    private SettingsReader() {}

    /**
     * @param file may be missing
     * @param flags {@code --key=value} or {@code --key value}
     * @throws SettingsException naming every unknown key and every value that cannot be read
     */
    static Settings read(Path home, Path file, Map<String, String> environment, List<String> flags) {
        SettingsReader reader = new SettingsReader();
        for (Setting setting : Setting.values()) {
            reader.values.put(setting, setting.defaultValue());
        }
        reader.readFile(file);
        reader.readEnvironment(environment);
        reader.readFlags(flags);
        Optional<Settings> settings = Settings.of(home, Map.copyOf(reader.values), reader.problems);
        if (!reader.problems.isEmpty()) {
            throw new SettingsException(reader.problems);
        }
        return settings.orElseThrow();
    }

    private void readFile(Path file) {
        if (!Files.exists(file)) {
            return;
        }
        try {
            TomlParseResult toml = Toml.parse(file);
            toml.errors()
                    .forEach(error ->
                            problems.add(file + ", line " + error.position().line() + ": " + error.getMessage()));
            for (String key : toml.dottedKeySet()) {
                Object value = toml.get(key);
                if (value != null) {
                    set(key, text(value), file.toString());
                }
            }
        } catch (IOException e) {
            problems.add("cannot read " + file + ": " + e.getMessage());
        }
    }

    private static String text(Object value) {
        if (value instanceof TomlArray array) {
            return String.join(
                    ",", array.toList().stream().map(Object::toString).toList());
        }
        return value.toString();
    }

    private void readEnvironment(Map<String, String> environment) {
        environment.forEach((variable, value) -> {
            if (variable.startsWith("ESPALIER_") && !OTHER_VARIABLES.contains(variable)) {
                Setting.ofVariable(variable)
                        .ifPresentOrElse(
                                setting -> values.put(setting, value),
                                () -> problems.add("the environment variable " + variable + " stands for no setting"
                                        + nearest(
                                                variable,
                                                Stream.of(Setting.values()).map(Setting::variable))));
            }
        });
    }

    private void readFlags(List<String> flags) {
        for (int i = 0; i < flags.size(); i++) {
            String flag = flags.get(i);
            if (!flag.startsWith("--")) {
                problems.add("\"" + flag + "\" is not a flag. Write --key=value.");
                continue;
            }
            int equals = flag.indexOf('=');
            if (equals > 0) {
                set(flag.substring(2, equals), flag.substring(equals + 1), "the command line");
            } else if (i + 1 < flags.size() || Setting.ofKey(flag.substring(2)).isEmpty()) {
                // Of a key that there is not, that is what is said.
                set(flag.substring(2), ++i < flags.size() ? flags.get(i) : "", "the command line");
            } else {
                problems.add(flag + " has no value. Write " + flag + "=value.");
            }
        }
    }

    private void set(String key, String value, String where) {
        Setting.ofKey(key)
                .ifPresentOrElse(
                        setting -> values.put(setting, value),
                        () -> problems.add("\"" + key + "\" in " + where + " is no setting"
                                + nearest(key, Stream.of(Setting.values()).map(Setting::key))));
    }

    private static String nearest(String wrong, Stream<String> right) {
        return right.filter(candidate -> distance(wrong, candidate) <= NEAR)
                .min(Comparator.comparingInt(candidate -> distance(wrong, candidate)))
                .map(candidate -> "; did you mean " + candidate + "?")
                .orElse("; docs/settings.md lists them all.");
    }

    /** Levenshtein's: how many characters must be changed, added or removed. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = row[j];
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(change, Math.min(row[j - 1], above) + 1);
                diagonal = above;
            }
        }
        return row[b.length()];
    }
}
