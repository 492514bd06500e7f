package dev.espalier.control.metastore;

import dev.espalier.control.classifier.Classifier;
import dev.espalier.control.classifier.ColumnSample;
import dev.espalier.control.classifier.Finding;
import dev.espalier.control.classifier.PersonalData;
import dev.espalier.control.metastore.LiveCatalog.Kind;
import dev.espalier.control.metastore.LiveCatalog.Table;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.identity.Principal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Jdbi;

/**
 * Proposes tags for columns that look as if they held something of people. A proposal is made anew each time it is asked for; it is
 * accepted by assigning the tag, and not made again once it is dismissed.
 */
public final class TagProposals {

    /** The tag that is proposed unless another is asked for. */
    public static final String KEY = "pii";

    /** No table is begun after this long. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /**
     * What was found.
     *
     * @param notExamined tables that could not be looked at, each with the reason
     * @param remarks what stands in the way of accepting
     */
    public record Found(List<TagProposal> proposals, List<String> notExamined, List<String> remarks) {}

    private final Jdbi jdbi;
    private final Changes changes;
    private final Inventory inventory;
    private final ColumnSamples samples;

    TagProposals(Jdbi jdbi, Changes changes, Inventory inventory, ColumnSamples samples) {
        this.jdbi = jdbi;
        this.changes = changes;
        this.inventory = inventory;
        this.samples = samples;
    }

    /**
     * Looks at names and at samples of the tables below a catalog, a schema or a table.
     *
     * @param key of the tag
     * @throws ControlException if the principal may not tag there: what is proposed tells of what the columns hold
     */
    public Found find(Principal who, Securable below, String key) {
        Catalog catalog = changes.catalog(who, below.name().catalog());
        LiveCatalog live = inventory.of(catalog);
        new Existence(catalog, live).require(below);
        requireRight(who, catalog, live, below);
        record Known(List<GovernedTag> governed, Set<ColumnName> tagged, Set<Dismissed> dismissed) {}
        Known known = jdbi.withHandle(handle -> new Known(
                TagTable.governed(handle),
                TagTable.of(handle, catalog).stream()
                        .filter(tag -> tag.key().equals(key))
                        .flatMap(tag -> tag.column().stream().map(column -> ColumnName.in(tag.on(), column)))
                        .collect(Collectors.toSet()),
                new HashSet<>(DismissedTable.of(handle, catalog))));
        List<TagProposal> proposals = new ArrayList<>();
        List<String> notExamined = new ArrayList<>();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        for (Table table : live.tables()) {
            SecurableName name = SecurableName.of(catalog.name(), table.schema(), table.name());
            if (table.kind() != Kind.TABLE || !below.name().covers(name)) {
                continue;
            }
            if (System.nanoTime() > deadline) {
                notExamined.add(name + ": looking had taken " + PATIENCE.toSeconds()
                        + " s by then. Ask for its schema or for the table alone.");
                continue;
            }
            try {
                for (ColumnSample sample : samples.of(catalog, table)) {
                    ColumnName column = new ColumnName(catalog.name(), table.schema(), table.name(), sample.column());
                    best(sample)
                            .filter(_ -> !known.tagged().contains(column))
                            .filter(finding -> !known.dismissed()
                                    .contains(new Dismissed(
                                            column, key, finding.data().tagValue())))
                            .ifPresent(finding -> proposals.add(new TagProposal(column, key, finding)));
                }
            } catch (ControlException e) {
                notExamined.add(name + ": " + e.getMessage());
            }
        }
        return new Found(proposals, notExamined, remarks(known.governed(), key));
    }

    private static Optional<Finding> best(ColumnSample sample) {
        return Classifier.look(sample).stream().findFirst();
    }

    /** A tag must be governed before it can be assigned. */
    private static List<String> remarks(List<GovernedTag> governed, String key) {
        Optional<GovernedTag> tag =
                governed.stream().filter(one -> one.key().equals(key)).findFirst();
        List<String> missing = Arrays.stream(PersonalData.values())
                .map(PersonalData::tagValue)
                .filter(value -> tag.filter(one -> one.allows(value)).isEmpty())
                .toList();
        if (missing.isEmpty()) {
            return List.of();
        }
        return List.of(
                tag.isEmpty()
                        ? "there is no governed tag " + key
                                + " yet. An administrator makes it with: espalier tags create " + key + " --values "
                                + String.join(",", missing)
                        : "the governed tag " + key + " does not allow " + String.join(", ", missing)
                                + ". An administrator adds them with espalier tags update " + key + " --values …");
    }

    /** Does not propose the tag for the column again. */
    public void dismiss(Principal who, ColumnName column, String key, String value) {
        if (Arrays.stream(PersonalData.values())
                .noneMatch(data -> data.tagValue().equals(value))) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "\"" + value + "\" is never proposed. Dismiss one of: "
                            + Arrays.stream(PersonalData.values())
                                    .map(PersonalData::tagValue)
                                    .collect(Collectors.joining(", "))
                            + ".");
        }
        Catalog catalog = changes.catalog(who, column.catalog());
        LiveCatalog live = inventory.of(catalog);
        Securable table = new Securable(SecurableType.TABLE, column.of());
        Existence existence = new Existence(catalog, live);
        existence.require(table);
        existence.requireColumn(column.of(), column.column());
        requireRight(who, catalog, live, table);
        jdbi.useHandle(handle -> DismissedTable.add(handle, catalog, new Dismissed(column, key, value), who.name()));
    }

    private void requireRight(Principal who, Catalog catalog, LiveCatalog live, Securable on) {
        List<Grant> grants = jdbi.withHandle(handle -> GrantTable.of(handle, catalog));
        new Rights(catalog, live, grants).require(who, Privilege.APPLY_TAG, on);
    }
}
