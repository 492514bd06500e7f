package dev.espalier.server;

import com.zaxxer.hikari.pool.HikariPool;
import dev.espalier.api.ApiServer;
import dev.espalier.api.Billing;
import dev.espalier.api.Identity;
import dev.espalier.api.audit.AuditVerification;
import dev.espalier.api.system.Health;
import dev.espalier.control.ControlDatabase;
import dev.espalier.control.ControlPlane;
import dev.espalier.control.SystemStatus;
import dev.espalier.control.admission.Governance;
import dev.espalier.control.setting.ControlSettings;
import dev.espalier.engine.Engine;
import dev.espalier.engine.Layout;
import dev.espalier.engine.Steps;
import dev.espalier.gateway.GatewaySettings;
import dev.espalier.gateway.ServerCertificate;
import dev.espalier.governance.Governor;
import dev.espalier.governance.MaskLibrary;
import dev.espalier.governance.MirrorMasks;
import dev.espalier.identity.SignedStatements;
import dev.espalier.identity.SigningKeys;
import dev.espalier.journal.AuditChain;
import dev.espalier.journal.Durability;
import dev.espalier.journal.Journal;
import dev.espalier.journal.JournalSchema;
import dev.espalier.journal.JournalSettings;
import dev.espalier.journal.Loader;
import dev.espalier.journal.OpenUsage;
import dev.espalier.journal.Retention;
import dev.espalier.journal.UsageEvent;
import dev.espalier.journal.Verification;
import dev.espalier.journal.metering.Corrections;
import dev.espalier.journal.metering.PriceList;
import dev.espalier.journal.metering.UsageMeter;
import dev.espalier.postgres.Installations;
import dev.espalier.postgres.OsUser;
import dev.espalier.server.door.AuditedCalls;
import dev.espalier.server.door.JournalSink;
import dev.espalier.server.door.SqlDoor;
import dev.espalier.storage.Backend;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts the rooms together, starts them in order and stops them in reverse. */
final class Server implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Server.class);

    /** How long a correction may take until it can be read. */
    private static final Duration READABLE = Duration.ofSeconds(30);

    private final Deque<AutoCloseable> started = new ArrayDeque<>();
    private final URI address;

    /**
     * Starts everything; when a part cannot start, those that have started are stopped again.
     *
     * @throws StartException and other exceptions whose message names the cause and what to do
     */
    Server(Settings settings, Clock clock, Steps steps) {
        try {
            this.address = start(settings, clock, steps);
        } catch (RuntimeException e) {
            try {
                close();
            } catch (RuntimeException more) {
                e.addSuppressed(more);
            }
            throw e;
        }
    }

    private URI start(Settings settings, Clock clock, Steps steps) {
        LOG.info("Espalier {} on {}; settings: {}", Version.current(), settings.home(), settings.changed());
        Home home = keep(Home.open(settings.home()));
        refuseWhereNothingCanListen("http", settings.httpHost(), settings.httpPort());
        refuseWhereNothingCanListen(
                "gateway", settings.gateway().host(), settings.gateway().port());
        OsUser user = OsUser.forPostgres(settings.systemUser());
        Path data = home.dataDirectory(settings.dataDirectory(), user);
        Installations installations = Installations.find(data.resolve("postgresql"), settings.installations());
        Storage storage = new Storage(data, user, settings.imageBytes());
        Storage.Opened opened = storage.open(settings.backend());
        Backend backend = opened.choice().backend();
        Path volumes = storage.volumes(backend);
        Layout layout = new Layout(volumes, volumes.resolve(".wal"), Home.runs(data), data.resolve("log"), user);
        Engine engine = new Engine(opened.volumes(), layout, installations, steps);
        ControlDatabase database = keep(controlDatabase(settings, data, installations, user));
        Journal journal = keep(Journal.open(
                JournalSettings.of(
                        data.resolve("journal"),
                        settings.journal().strict() ? Durability.STRICT : Durability.AVAILABLE),
                clock));
        JournalSchema.migrate(database.dataSource());
        SigningKeys keys = Identities.keys(settings);
        UsageMeter meter = new UsageMeter(
                usage -> journal.keep(List.of(usage)),
                settings.billingInterval(),
                new OpenUsage(data.resolve("journal").resolve("open-usage")));
        ControlPlane control = keep(new ControlPlane(
                database,
                engine,
                installations,
                new ControlSettings(
                        settings.preloadLibraries(),
                        settings.undeleteWindow(),
                        settings.snapshotBytes(),
                        settings.callRetention()),
                clock,
                new SystemStatus.Facts(
                        Version.current(),
                        settings.home().toString(),
                        data.toString(),
                        Storage.lower(backend),
                        opened.choice().reason()),
                new AuditedCalls(journal),
                meter,
                new Governance(new Governor(), new MirrorMasks(), MaskLibrary::functions, new SignedStatements(keys))));
        control.start(Home.identity(data));
        Identity identity = Identities.of(settings, keys, control.principals(), clock);
        // Before the loader is at work: it makes partitions of the tables that readers are let at.
        control.systemReaders().prepare();
        Loader loader = keep(Loader.start(
                journal,
                database.dataSource(),
                new Retention(
                        days(settings.journal().history()),
                        days(settings.journal().audit()),
                        days(settings.journal().usage())),
                clock));
        SqlDoor door = keep(door(settings, control, database, identity, journal, clock));
        keep(control.ports().openAt(door));
        ApiServer api = keep(new ApiServer(
                control,
                control.replay(door.texts()),
                identity,
                Version.current(),
                new Health.Gateway(settings.gateway().host(), door.port()),
                () -> Stream.of(journal.problem().stream(), loader.problems().stream(), meter.obstacle().stream())
                        .flatMap(each -> each)
                        .toList(),
                () -> verify(database, journal),
                new Billing(
                        new PriceList(database.dataSource(), clock),
                        new Corrections(database.dataSource(), records -> write(journal, loader, records))),
                clock));
        URI uri = api.start(settings.httpHost(), settings.httpPort());
        keep(RunningMark.write(
                settings.home(),
                new RunningMark.Server(
                        ProcessHandle.current().pid(),
                        uri.toString(),
                        Optional.of(settings.gateway().host() + ":" + door.port()),
                        Optional.of(data)),
                clock));
        LOG.info("ready on {}", uri);
        return uri;
    }

    /** Before PostgreSQL and the storage are started for nothing. */
    private static void refuseWhereNothingCanListen(String door, String host, int port) {
        PortCheck.problem(door, host, port).ifPresent(problem -> {
            throw new StartException("cannot listen on " + host + ":" + port + ": " + problem + ".");
        });
    }

    private static ControlDatabase controlDatabase(
            Settings settings, Path data, Installations installations, OsUser user) {
        return settings.control()
                .map(Server::externalDatabase)
                .orElseGet(() -> ControlDatabase.embedded(
                        data.resolve("system"), installations.get(Installations.BUNDLED), user));
    }

    private static ControlDatabase externalDatabase(Settings.ControlConnection there) {
        String password = there.passwordFile().map(Server::secret).orElse("");
        try {
            return ControlDatabase.external(there.url(), there.user(), password);
        } catch (HikariPool.PoolInitializationException e) {
            String url = Settings.withoutSecrets(there.url());
            String cause = e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
            throw new StartException(
                    "cannot use the control database: control.url=" + url + ", control.user=" + there.user() + ": "
                            + cause
                            + " Start that PostgreSQL, or correct control.url, control.user and control.password_file; without "
                            + "control.url Espalier runs a control database itself.",
                    e);
        }
    }

    private static AuditVerification verify(ControlDatabase database, Journal journal) {
        try {
            Verification found = AuditChain.verify(database.dataSource(), journal.directory());
            return switch (found) {
                case Verification.Intact(var _, long rows) -> new AuditVerification(true, rows, Optional.empty());
                case Verification.Broken(var _, long number, String what, long rows) ->
                    new AuditVerification(false, rows, Optional.of("at row " + number + ": " + what));
            };
        } catch (SQLException e) {
            throw new IllegalStateException("the audit cannot be read: " + e.getMessage(), e);
        }
    }

    /** Until it can be read, so that whoever corrects it again finds it corrected. */
    private static void write(Journal journal, Loader loader, UsageEvent... records) {
        loader.awaitLoaded(journal.keep(List.of(records)), READABLE);
    }

    private static int days(Duration retention) {
        return Math.toIntExact(Math.max(1, retention.toDays()));
    }

    private static SqlDoor door(
            Settings settings,
            ControlPlane control,
            ControlDatabase database,
            Identity identity,
            Journal journal,
            Clock clock) {
        ServerCertificate certificate = settings.gateway()
                .certificate()
                .map(chain ->
                        ServerCertificate.of(chain, settings.gateway().key().orElseThrow()))
                .orElseGet(() -> ServerCertificate.own(settings.home(), clock));
        return SqlDoor.open(
                settings.gateway().host(),
                settings.gateway().port(),
                GatewaySettings.defaults()
                        .withStrict(settings.journal().strict())
                        .withSessions(
                                settings.gateway().perPrincipal(),
                                settings.gateway().perEndpoint(),
                                settings.gateway().idleTimeout()),
                certificate,
                control,
                database,
                identity,
                new JournalSink(journal),
                clock);
    }

    private static String secret(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new StartException("cannot read control.password_file " + file + ": " + e, e);
        }
    }

    private <T extends AutoCloseable> T keep(T part) {
        started.push(part);
        return part;
    }

    /** Where the API answers. */
    URI address() {
        return address;
    }

    /** Stops what has started, in reverse; all of it, whatever fails. */
    @Override
    public void close() {
        RuntimeException first = null;
        while (!started.isEmpty()) {
            try {
                started.pop().close();
            } catch (Exception e) {
                if (first == null) {
                    first = new IllegalStateException("a part could not be stopped: " + e.getMessage(), e);
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
