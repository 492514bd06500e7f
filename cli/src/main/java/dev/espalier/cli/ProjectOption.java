package dev.espalier.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** In which project. */
class ProjectOption {
    @Option(
            names = {"-p", "--project"},
            paramLabel = "PROJECT",
            description = "the project (default: $ESPALIER_PROJECT, else the only one)")
    @Nullable
    String project;
}
