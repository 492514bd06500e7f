package dev.espalier.control.replay;

import dev.espalier.postgres.SqlState;
import dev.espalier.postgres.Transactions;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs one statement in a read-only transaction that is rolled back, and keeps of its rows what can be compared. */
public final class StatementRun {

    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int MOST_ROWS = 10_000;
    private static final int AT_ONCE = 100;

    private final Connection session;
    private final MessageDigest sha = sha();

    /** @param session of the one who runs it, with autocommit; its transactions are read-only from here on */
    public StatementRun(Connection session) throws SQLException {
        this.session = session;
        session.setReadOnly(true);
    }

    /** @throws SQLException if the session cannot be used any more */
    public Answer of(String sql) throws SQLException {
        Answer answer = Transactions.rolledBack(session, () -> answer(sql));
        try (var statement = session.createStatement()) {
            // Locks and settings that the statement has taken for its session.
            statement.execute("DISCARD ALL");
        }
        return answer;
    }

    private Answer answer(String sql) throws SQLException {
        try (var statement = session.createStatement()) {
            statement.execute("SET LOCAL statement_timeout = " + TIMEOUT.toMillis());
            statement.setEscapeProcessing(false);
            statement.setFetchSize(AT_ONCE);
            long end = System.nanoTime() + TIMEOUT.toNanos();
            try (ResultSet rows = statement.executeQuery(sql)) {
                return read(rows, end);
            }
        } catch (SQLException e) {
            if (session.isClosed()) {
                throw e;
            }
            return SqlState.of(e).equals(SqlState.QUERY_CANCELED)
                    ? new Answer.TooSlow()
                    : new Answer.Failure(String.valueOf(e.getSQLState()));
        }
    }

    private Answer read(ResultSet rows, long end) throws SQLException {
        ResultSetMetaData shape = rows.getMetaData();
        Digest[] columns = new Digest[shape.getColumnCount()];
        Arrays.fill(columns, Digest.NONE);
        Digest whole = Digest.NONE;
        long count = 0;
        while (rows.next()) {
            count++;
            if (count > MOST_ROWS) {
                return new Answer.TooLarge();
            }
            if (System.nanoTime() > end) {
                return new Answer.TooSlow();
            }
            ByteBuffer row = ByteBuffer.allocate(columns.length * sha.getDigestLength());
            for (int i = 0; i < columns.length; i++) {
                byte[] hash = hash(rows.getString(i + 1));
                columns[i] = columns[i].plus(hash);
                row.put(hash);
            }
            whole = whole.plus(sha.digest(row.array()));
        }
        List<Answer.Column> named = new ArrayList<>();
        for (int i = 0; i < columns.length; i++) {
            named.add(new Answer.Column(shape.getColumnLabel(i + 1), columns[i]));
        }
        return new Answer.Rows(count, named, whole);
    }

    private byte[] hash(@Nullable String value) {
        // NULL is none of the texts, each of which follows a mark.
        return sha.digest(value == null ? new byte[0] : ("=" + value).getBytes(StandardCharsets.UTF_8));
    }

    private static MessageDigest sha() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
    }
}
