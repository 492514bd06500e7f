package dev.espalier.cli;

import java.io.PrintWriter;
import java.util.function.Supplier;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code completion}: the script that makes a shell complete this command. One script does for bash and zsh. */
@Command(name = "completion", description = "Print the script that makes a shell complete this command")
final class Completion {
    private final PrintWriter out;
    private final Supplier<CommandLine> whole;

    /** @param whole the command with all that can be completed */
    Completion(PrintWriter out, Supplier<CommandLine> whole) {
        this.out = out;
        this.whole = whole;
    }

    @Command(description = "For bash, in ~/.bashrc:  source <(/path/to/espalier completion bash)")
    void bash() {
        out.print(AutoComplete.bash("espalier", whole.get()));
        out.flush();
    }

    @Command(description = "For zsh, in ~/.zshrc:  source <(/path/to/espalier completion zsh)")
    void zsh() {
        bash();
    }
}
