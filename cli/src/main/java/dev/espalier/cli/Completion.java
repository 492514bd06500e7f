package dev.espalier.cli;

import java.io.PrintWriter;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code completion}: the script that makes a shell complete this command. */
@Command(
        name = "completion",
        description = "Print a completion script for a shell",
        footer = {
            "",
            "bash:  source <(./espalier completion bash)     # or into ~/.bashrc",
            "zsh:   source <(./espalier completion zsh)      # or into ~/.zshrc"
        })
final class Completion implements Runnable {

    /** Shells there is a script for; one script does for both. */
    enum Shell {
        bash,
        zsh
    }

    @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
    private Shell shell = Shell.bash;

    private final PrintWriter out;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    Completion(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void run() {
        out.print(AutoComplete.bash("espalier", spec.root().commandLine()));
        out.flush();
    }
}
