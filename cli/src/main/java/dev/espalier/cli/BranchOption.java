package dev.espalier.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** On which branch of which project. */
final class BranchOption extends ProjectOption {
    @Option(
            names = {"-b", "--branch"},
            paramLabel = "BRANCH",
            description = "the branch; needed unless a full name (projects/…) is given")
    @Nullable
    String branch;
}
