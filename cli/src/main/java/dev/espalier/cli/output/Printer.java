package dev.espalier.cli.output;

import dev.espalier.cli.client.Pages;
import dev.espalier.cli.client.Reply;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/** Puts answers on stdout: as tables, or as the API's bodies unchanged. What is only said to a person goes to stderr. */
public final class Printer {
    private final PrintWriter out;
    private final PrintWriter err;
    private final Format format;

    public Printer(PrintWriter out, PrintWriter err, Format format) {
        this.out = out;
        this.err = err;
        this.format = format;
    }

    public boolean isJson() {
        return format == Format.JSON;
    }

    /** One resource, as a row. */
    public void row(Reply reply, View view) {
        print(reply, () -> view.table(List.of(reply.json())));
    }

    /** One resource, with all its fields. */
    public void details(Reply reply) {
        print(reply, () -> Details.of(reply.json()));
    }

    /** A list, whose items the body has under {@code key}. */
    public void list(Reply reply, String key, View view) {
        List<JsonNode> items = reply.json().path(key).valueStream().toList();
        print(reply, () -> view.table(items));
        if (items.isEmpty() && !isJson()) {
            note("No " + key.toLowerCase(Locale.ROOT) + ".");
        }
        if (!Pages.nextPage(reply.json()).isEmpty() && !isJson()) {
            note("There is more: --page-token " + Pages.nextPage(reply.json()));
        }
    }

    /** An operation: its resource when it is done and has one, {@code done} when it has none, else the operation itself. */
    public void operation(Reply operation, View view, String done) {
        JsonNode response = operation.json().path("response");
        print(operation, () -> {
            if (!operation.json().path("done").asBoolean(false)) {
                return View.OPERATION.table(List.of(operation.json()));
            }
            return response.has("name") ? view.table(List.of(response)) : done + "\n";
        });
    }

    /** Text as it is. */
    public void text(String text) {
        out.print(text);
        out.flush();
    }

    private void print(Reply reply, Supplier<String> text) {
        text(isJson() ? reply.body() + "\n" : text.get());
    }

    /** Something said to a person, of one line or several. */
    public void note(String text) {
        text.lines().map(Table::printable).forEach(err::println);
        err.flush();
    }
}
