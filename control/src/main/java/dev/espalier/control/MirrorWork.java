package dev.espalier.control;

import dev.espalier.control.MirrorTable.Feed;
import dev.espalier.control.MirrorTable.Published;
import dev.espalier.control.Operations.End;
import dev.espalier.control.admission.Masking;
import dev.espalier.control.admission.Masking.Taken;
import dev.espalier.control.metastore.Catalog;
import dev.espalier.control.metastore.RulesReader;
import dev.espalier.control.metastore.Subject;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.control.request.Moment;
import dev.espalier.engine.Engine;
import dev.espalier.postgres.PostgresException;
import dev.espalier.schema.SchemaReader;
import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.storage.VolumeName;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Jdbi;

/**
 * Makes masked mirrors: branches with a cluster of their own, into which PostgreSQL's logical replication brings the rows of
 * another branch, and masks turn them into what one principal may see before they are written. What the source holds for a mirror
 * is taken away by {@link MirrorWatch}, whenever the rows do not name the mirror any more: after a failure or a kill, too.
 */
final class MirrorWork {

    /** Before it, changes are applied by a superuser, who would evaluate what users have made. */
    private static final int OLDEST_VERSION = 16;

    private final Engine engine;
    private final Jdbi jdbi;
    private final Finder finder;
    private final EndpointTable endpoints;
    private final EndpointRunner runner;
    private final RulesReader rules;
    private final Masking masking;
    private final MirrorFeeds feeds;
    private final MirrorSchema schemas;
    private final History history;
    private final Locks locks;
    private final Uids uids;
    private final Clock clock;

    MirrorWork(
            Engine engine,
            Jdbi jdbi,
            Finder finder,
            EndpointTable endpoints,
            EndpointRunner runner,
            RulesReader rules,
            Masking masking,
            MirrorFeeds feeds,
            History history,
            Locks locks,
            Uids uids,
            Clock clock) {
        this.engine = engine;
        this.jdbi = jdbi;
        this.finder = finder;
        this.endpoints = endpoints;
        this.runner = runner;
        this.rules = rules;
        this.masking = masking;
        this.feeds = feeds;
        this.schemas = new MirrorSchema(engine);
        this.history = history;
        this.locks = locks;
        this.uids = uids;
        this.clock = clock;
    }

    /**
     * Whether there can be a mirror of the branch.
     *
     * @param principal for whom
     * @throws ControlException naming why not
     */
    void check(Project project, Branch source, Moment moment, String principal) {
        if (!(moment instanceof Moment.Now)) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "a mirror follows its source as that is now. Leave source_branch_time and source_branch_lsn out.");
        }
        if (source.maskedFor().isPresent()) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    source.name() + " is masked itself, for "
                            + source.maskedFor().get() + ". Name the branch that its mirror was made of.");
        }
        if (!source.isDurable()) {
            throw new ControlException(
                    Code.INVALID_STATE,
                    source.name()
                            + " writes no log that a mirror could follow (wal_level=logical): only root, default and "
                            + "protected branches do. Protect it (spec.is_protected=true), which ends its sessions.");
        }
        if (project.pgVersion() < OLDEST_VERSION) {
            throw new ControlException(
                    Code.INVALID_STATE,
                    project.name() + " has PostgreSQL " + project.pgVersion()
                            + ", where a superuser would apply a mirror's "
                            + "changes and run what users have made. Mirrors need " + OLDEST_VERSION + " or newer.");
        }
        Subject subject = subject(project, principal);
        List<Catalog> catalogs = rules.governed(project.uid());
        if (catalogs.stream()
                .noneMatch(
                        catalog -> rules.of(catalog).policies().stream().anyMatch(policy -> policy.binds(subject)))) {
            throw new ControlException(
                    Code.INVALID_STATE,
                    "no policy of the project's catalogs binds " + principal
                            + ": an ordinary branch shows the same. Make the policy first, or an ordinary branch.");
        }
    }

    private Subject subject(Project project, String principal) {
        return rules.subject(project.uid(), principal)
                .orElseThrow(() -> new ControlException(
                        Code.NOT_FOUND,
                        "there is no user, service principal or group " + principal
                                + " to make a mirror for. Use one that policies name, or \"" + Subject.EVERYONE
                                + "\"."));
    }

    /** Fills the rows of a new mirror with life. Its first rows are still being copied when this is done. */
    void make(End end, Project project, Branch source, Branch mirror, Endpoint primary) {
        end.ifItFails(handle -> BranchTable.delete(handle, mirror.uid()));
        try (var _ = locks.shared(source.uid());
                var _ = locks.alone(mirror.uid())) {
            try {
                build(project, jdbi.withHandle(handle -> finder.again(handle, source)), mirror, primary);
                end.with(handle -> {
                    BranchTable.made(handle, mirror, clock.instant());
                    runner.mark(handle, primary);
                });
            } catch (RuntimeException e) {
                throw Undo.after(e, () -> engine.stop(primary.uid()), () -> engine.delete(mirror.volume()));
            }
            runner.openOrSleep(primary);
        }
        history.begin(mirror.uid());
    }

    /** Builds the mirror anew, beside what it was. What was made from it stays as it is. The caller holds it, and its source. */
    void rebuild(End end, Project project, Branch source, Branch mirror) {
        Endpoint primary = jdbi.withHandle(handle -> endpoints.primary(handle, mirror.uid()));
        VolumeName fresh = uids.volume(mirror.uid());
        runner.suspendAll(mirror.uid());
        try {
            build(project, source, BranchWork.withVolume(mirror, fresh), primary);
            end.with(handle -> {
                BranchTable.volume(handle, mirror.uid(), fresh, clock.instant());
                BranchTable.state(handle, mirror.uid(), Branch.State.READY, clock.instant());
                MirrorTable.change(handle, mirror.uid(), Mirror.NEW);
                runner.mark(handle, primary);
            });
        } catch (RuntimeException e) {
            // It goes on, unless it never can, when it is looked at next.
            throw Undo.after(e, () -> engine.stop(primary.uid()), () -> engine.delete(fresh));
        }
        runner.openOrSleep(primary);
        history.end(mirror.volume());
        engine.deleteWhenUnused(mirror.volume());
    }

    private void build(Project project, Branch source, Branch mirror, Endpoint primary) {
        String principal = mirror.maskedFor().orElseThrow();
        check(project, source, new Moment.Now(), principal);
        Subject subject = subject(project, principal);
        Endpoint from = jdbi.withHandle(handle -> endpoints.primary(handle, source.uid()));
        runner.wakeHeld(from.uid());
        engine.initialise(mirror.volume(), project.pgVersion());
        runner.startNew(project, mirror, primary);
        try {
            Map<Catalog, String> catalogs = copySchemas(project, from, primary);
            if (catalogs.isEmpty()) {
                throw new ControlException(
                        Code.INVALID_STATE,
                        source.name() + " has none of the databases that are under rules. Name a branch that has.");
            }
            // Roles that could sign in for the copy of the schemas cannot any more.
            engine.stop(primary.uid());
            runner.startNew(project, mirror, primary);
            List<Feed> made = new ArrayList<>();
            for (Map.Entry<Catalog, String> catalog : catalogs.entrySet()) {
                String name = MirrorFeeds.name(mirror.volume().value(), made.size() + 1);
                made.add(prepare(name, source, from, mirror, primary, catalog.getKey(), catalog.getValue(), subject));
            }
            runner.admit(mirror, primary);
            for (Feed feed : made) {
                try (Connection session = engine.connect(primary.uid(), feed.database())) {
                    feeds.subscribe(session, feed, from);
                }
            }
        } catch (SQLException e) {
            throw new PostgresException("cannot make " + mirror.name() + ": " + e.getMessage(), e);
        }
    }

    /**
     * Those of the databases that are under rules. Others stay where they are: nothing says what of them is to be masked.
     *
     * @return the hash of each one's schema, by catalog
     */
    private Map<Catalog, String> copySchemas(Project project, Endpoint from, Endpoint to) throws SQLException {
        Set<String> principals =
                jdbi.withHandle(handle -> new HashSet<>(handle.select("SELECT name FROM control.principal")
                        .mapTo(String.class)
                        .list()));
        Map<Catalog, String> copied = new LinkedHashMap<>();
        engine.open(to.uid());
        try (Connection source = engine.connect(from.uid(), BranchSessions.HOME);
                Connection mirror = engine.connect(to.uid(), BranchSessions.HOME)) {
            RoleStatements.prepareCluster(mirror);
            schemas.copyRoles(source, mirror, principals);
            Set<String> there = new HashSet<>(BranchSessions.databases(source));
            for (Catalog catalog : rules.governed(project.uid())) {
                if (there.contains(catalog.database())) {
                    try (Connection session = engine.connect(from.uid(), catalog.database())) {
                        DatabaseSchema schema = SchemaReader.read(session);
                        schemas.copyDatabase(session, to, catalog.database(), schema, principals);
                        copied.put(catalog, MirrorSchema.hash(schema));
                    }
                }
            }
            schemas.finish(mirror);
        }
        return copied;
    }

    /** Puts the masks in the way, and has the source publish what can pass them. */
    private Feed prepare(
            String name,
            Branch source,
            Endpoint from,
            Branch mirror,
            Endpoint to,
            Catalog catalog,
            String schemaHash,
            Subject subject)
            throws SQLException {
        String database = catalog.database();
        try (Connection there = engine.connect(from.uid(), database);
                Connection here = engine.connect(to.uid(), database)) {
            List<Taken> tables = masking.prepare(there, here, rules.of(catalog), subject);
            Feed feed = new Feed(
                    name,
                    source.uid(),
                    mirror.uid(),
                    mirror.volume(),
                    systemIdentifier(here),
                    database,
                    schemaHash,
                    List.of());
            jdbi.useHandle(handle -> MirrorTable.insert(handle, feed));
            List<Published> published = feeds.publish(there, feed, tables);
            jdbi.useHandle(handle -> MirrorTable.published(handle, feed, published));
            refuseChanged(feed, there);
            return feed;
        }
    }

    /** From the publication on, a migration takes its tables out of it: what came before is seen here. */
    private static void refuseChanged(Feed feed, Connection source) throws SQLException {
        if (!MirrorSchema.hash(SchemaReader.read(source)).equals(feed.schemaHash())) {
            throw new ControlException(
                    Code.TEMPORARILY_UNAVAILABLE,
                    "the database " + feed.database()
                            + " of the source was changed by a migration meanwhile. Try again.");
        }
    }

    private static String systemIdentifier(Connection session) throws SQLException {
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("SELECT system_identifier::text FROM pg_control_system()")) {
            rows.next();
            return rows.getString(1);
        }
    }
}
