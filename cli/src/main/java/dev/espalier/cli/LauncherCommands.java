package dev.espalier.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The commands that are the launcher's own programs, for the help and for completion. Each has a {@code --help} itself. */
final class LauncherCommands {

    /** A command, its options, and the words that may follow it. */
    private record Entry(String name, String description, List<String> options, List<Entry> words) {
        static Entry of(String name, String description, String... options) {
            return new Entry(name, description, List.of(options), List.of());
        }

        Entry followedBy(Entry... following) {
            return new Entry(name, description, options, List.of(following));
        }

        CommandSpec spec() {
            CommandSpec spec = CommandSpec.create().name(name);
            options.forEach(option -> spec.addOption(
                    OptionSpec.builder(option).type(boolean.class).build()));
            words.forEach(word -> spec.addSubcommand(word.name(), word.spec()));
            return spec;
        }
    }

    private static final List<Entry> ALL = List.of(
            Entry.of("server", "Run the server in the foreground; --help lists every setting"),
            Entry.of("doctor", "Check what Espalier has and lacks here; --fix mends what it can", "--fix"),
            Entry.of("demo", "The guided tour; options of up may follow"),
            Entry.of("storage", "Move the volumes to another storage backend: storage move BACKEND")
                    .followedBy(Entry.of("move", "")
                            .followedBy(
                                    Entry.of("btrfs", ""),
                                    Entry.of("overlay", ""),
                                    Entry.of("reflink", ""),
                                    Entry.of("copy", ""))),
            Entry.of("bench", "Measure")
                    .followedBy(
                            Entry.of("branch", "", "--size", "--rounds", "--live", "--registered"),
                            Entry.of("gateway", "", "--seconds", "--rounds")),
            Entry.of("conformance", "Run suites that nobody here wrote, directly and through the gateway"),
            Entry.of("build", "Build from source"),
            Entry.of("test", "Run all tests; options of Maven may follow"));

    private LauncherCommands() {}

    /** The list below the help of the whole command. */
    static String[] help() {
        List<String> lines = new ArrayList<>(List.of("", "Commands of the launcher ./espalier:"));
        ALL.forEach(entry -> lines.add("  %-11s  %s".formatted(entry.name(), entry.description())));
        return lines.toArray(String[]::new);
    }

    /** Adds them to a command that only serves completion. */
    static CommandLine addTo(CommandLine whole) {
        ALL.forEach(entry -> whole.addSubcommand(entry.name(), new CommandLine(entry.spec())));
        return whole;
    }
}
