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
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.engine.Engine;
import dev.espalier.postgres.SqlState;
import dev.espalier.postgres.UnixSockets;
import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;

/** A copy that is under some rules, and the session of one principal on it, who finds there what he would find on a branch. */
final class ReplayCopy implements AutoCloseable {

    /** A statement ends itself before that. */
    private static final Duration SILENCE = Duration.ofSeconds(15);

    /** Most that is read at once; the driver breaks off a session that would read more. */
    private static final String MOST_READ = "64M";

    /** What somebody has set for sessions that wait for their users, or for all that begin, says nothing of a statement. */
    private static final String OPTIONS =
            "-c idle_session_timeout=0 -c idle_in_transaction_session_timeout=0 -c local_preload_libraries=";

    /** Classes of SQLSTATEs that say who may not sign in: invalid authorization, access rule violation. */
    private static final Set<String> REFUSALS = Set.of("28", "42");

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
        this.admissions = new Admissions(warm, rules, admission, new OpenSessions());
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

    /**
     * Runs a statement as the principal, as if he had sent it through the gateway.
     *
     * @throws ControlException if the copy cannot be asked: that says nothing of the statement
     */
    Answer answer(Subject who, String text) {
        Login as;
        try {
            as = loginOf(who);
        } catch (SQLException e) {
            return withoutSession(e);
        }
        try {
            return as.run().of(texts.sent(text, as.sight()));
        } catch (SQLException e) {
            endSession();
            return withLostSession(e);
        }
    }

    private Answer withoutSession(SQLException why) {
        boolean refused = SqlState.isOfClass(why, REFUSALS)
                || SqlState.isClosedDatabase(why)
                // Nobody else is here: that is a limit which lets nobody in.
                || SqlState.of(why).equals(SqlState.TOO_MANY_CONNECTIONS);
        if (refused && engine.isRunning(endpointUid)) {
            return new Answer.Failure(SqlState.of(why));
        }
        throw gone(why);
    }

    private Answer withLostSession(SQLException why) {
        if (engine.isRunning(endpointUid)) {
            if (why.getCause() instanceof SocketTimeoutException) {
                return new Answer.TooSlow();
            }
            if (SqlState.of(why).equals(PSQLState.COMMUNICATION_ERROR.getState())) {
                return new Answer.TooLarge();
            }
            if (isSaidByServer(why) ? !SqlState.of(why).equals(SqlState.CRASH_SHUTDOWN) : canBeAsked()) {
                return new Answer.Failure(SqlState.of(why));
            }
        }
        throw gone(why);
    }

    /** Whether others are let in: the driver itself breaks off a session in which a setting that it goes by has changed. */
    private boolean canBeAsked() {
        try (Connection own = engine.connect(endpointUid, BranchSessions.HOME)) {
            return own.isValid(Math.toIntExact(SILENCE.toSeconds()));
        } catch (SQLException e) {
            return false;
        }
    }

    /** Whether the server has ended the session with words. Nobody but the statement can have made it. */
    private static boolean isSaidByServer(SQLException why) {
        return why instanceof PSQLException thrown && thrown.getServerErrorMessage() != null;
    }

    private ControlException gone(SQLException why) {
        return new ControlException(
                Code.TEMPORARILY_UNAVAILABLE,
                "a copy on which statements are run again cannot be asked: " + why.getMessage() + ". Try again.",
                why);
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
        try (Connection own = engine.connect(endpointUid, BranchSessions.HOME)) {
            PrincipalRoles.prepare(own, who.name(), manages);
        }
        Sight sight = Sight.FREE;
        if (governed.stream().anyMatch(catalog -> catalog.database().equals(database))) {
            try (Connection own = engine.connect(endpointUid, database)) {
                sight = admissions.prepareRole(own, who.name());
            }
        }
        DataSource source = UnixSockets.dataSource(engine.socketDirectory(endpointUid), database, who.name());
        PGSimpleDataSource driver = source.unwrap(PGSimpleDataSource.class);
        driver.setMaxResultBuffer(MOST_READ);
        driver.setOptions(OPTIONS);
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
