package dev.espalier.control;

import dev.espalier.control.BranchWork.Unlisted;
import dev.espalier.control.admission.Admission;
import dev.espalier.control.admission.Proof;
import dev.espalier.control.admission.Sight;
import dev.espalier.control.metastore.Catalog;
import dev.espalier.control.metastore.RulesSource;
import dev.espalier.control.metastore.Subject;
import dev.espalier.control.replay.Answer;
import dev.espalier.control.replay.StatementRun;
import dev.espalier.control.replay.StatementTexts;
import dev.espalier.control.request.ControlException;
import dev.espalier.engine.Engine;
import dev.espalier.postgres.UnixSockets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/** A copy that is under some rules, and the session of one principal on it, who finds there what he would find on a branch. */
final class ReplayCopy implements AutoCloseable {

    private static final String HOME = "postgres";

    /** A statement ends itself before that. */
    private static final Duration SILENCE = Duration.ofSeconds(15);

    /** Most that is read at once; a session that would read more is lost. */
    private static final String MOST_READ = "64M";

    /** @param role whose it is */
    private record Login(String role, Sight sight, Connection session, StatementRun run) {}

    private final Engine engine;
    private final Branch branch;
    private final String endpointUid;
    private final String database;
    private final WarmSessions warm;
    private final Admissions admissions;
    private final List<Catalog> governed;
    private final StatementTexts texts;
    private final List<String> warnings = new ArrayList<>();
    private @Nullable Login login;

    /**
     * Brings the copy under the rules.
     *
     * @param database the one to sign in to
     * @throws ControlException if it cannot be brought there
     */
    ReplayCopy(
            Engine engine,
            Admission admission,
            RulesSource rules,
            StatementTexts texts,
            Unlisted copy,
            String database) {
        this.engine = engine;
        this.branch = copy.branch();
        this.endpointUid = copy.primary().uid();
        this.database = database;
        this.warm = new WarmSessions(engine);
        this.admissions = new Admissions(engine, warm, rules, admission, new OpenSessions());
        this.governed = rules.governed(branch.projectUid());
        this.texts = texts;
        Proof proof = admissions.admit(branch, endpointUid, false).get(database);
        if (proof != null) {
            warnings.addAll(proof.remarks());
        }
        engine.open(endpointUid);
    }

    /** What is worth knowing of the database under the rules. */
    List<String> warnings() {
        return warnings;
    }

    /** Runs a statement as the principal, as if he had sent it through the gateway. */
    Answer answer(Subject who, String text) {
        Login as;
        try {
            as = loginOf(who);
        } catch (SQLException e) {
            return new Answer.Failure(String.valueOf(e.getSQLState()));
        }
        try {
            return as.run().of(texts.sent(text, as.sight()));
        } catch (SQLException e) {
            // The session is lost, as it is over an answer that is too large.
            endSession();
            return new Answer.TooLarge();
        }
    }

    private Login loginOf(Subject who) throws SQLException {
        if (login == null || !login.role().equals(who.name())) {
            endSession();
            login = signIn(who);
        }
        return login;
    }

    private Login signIn(Subject who) throws SQLException {
        // As at sign-in: an agent never manages.
        boolean manages = who.manages() && who.agent().isEmpty() && !admissions.isBound(branch, governed, who.name());
        try (Connection own = engine.connect(endpointUid, HOME)) {
            PrincipalRoles.prepare(own, who.name(), manages);
        }
        Sight sight = Sight.FREE;
        if (governed.stream().anyMatch(catalog -> catalog.database().equals(database))) {
            try (Connection own = engine.connect(endpointUid, database)) {
                sight = admissions.prepareRole(own, who.name());
            }
        }
        DataSource source = UnixSockets.dataSource(engine.socketDirectory(endpointUid), database, who.name());
        source.unwrap(PGSimpleDataSource.class).setMaxResultBuffer(MOST_READ);
        Connection session = source.getConnection();
        session.setNetworkTimeout(Runnable::run, Math.toIntExact(SILENCE.toMillis()));
        return new Login(who.name(), sight, session, new StatementRun(session));
    }

    @Override
    public void close() {
        endSession();
        warm.close();
    }

    /** The next statement begins another one. */
    private void endSession() {
        if (login != null) {
            try {
                login.session().close();
            } catch (SQLException e) {
                // The server ends it when it stops.
            }
            login = null;
        }
    }
}
