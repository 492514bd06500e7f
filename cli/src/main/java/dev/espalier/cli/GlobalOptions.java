package dev.espalier.cli;

import dev.espalier.cli.output.Format;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Options of every command. */
final class GlobalOptions {
    @Option(
            names = {"-o", "--output"},
            scope = ScopeType.INHERIT,
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "table, or json: the API's answer unchanged (default: table)")
    Format output = Format.TABLE;

    @Option(
            names = "--host",
            scope = ScopeType.INHERIT,
            paramLabel = "URL",
            description = "the server (default: $ESPALIER_HOST, else the one that runs from $ESPALIER_HOME)")
    @Nullable
    String host;

    @Option(
            names = "--wait",
            negatable = true,
            scope = ScopeType.INHERIT,
            defaultValue = "true",
            fallbackValue = "true",
            description = "wait until the operation is done, which is the default, or do not")
    boolean wait = true;
}
