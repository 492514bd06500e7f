package dev.espalier.cli.output;

import java.io.PrintWriter;
import java.time.Duration;

/** A line on the terminal that says what is being waited for, from the second second on. Anywhere else: nothing. */
public final class Progress implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final String ERASE_LINE = "\r\033[K";

    private final PrintWriter terminal;
    private final boolean enabled;
    private boolean shown;

    /** @param enabled whether {@code terminal} is one */
    public Progress(PrintWriter terminal, boolean enabled) {
        this.terminal = terminal;
        this.enabled = enabled;
    }

    public void show(String what, Duration waited) {
        if (enabled && waited.compareTo(PATIENCE) >= 0) {
            terminal.print(ERASE_LINE + Table.printable(what) + " … " + waited.toSeconds() + " s");
            terminal.flush();
            shown = true;
        }
    }

    /** Takes the line away again. */
    @Override
    public void close() {
        if (shown) {
            terminal.print(ERASE_LINE);
            terminal.flush();
            shown = false;
        }
    }
}
