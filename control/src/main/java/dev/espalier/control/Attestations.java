package dev.espalier.control;

import dev.espalier.control.StrayDatabases.Stray;
import dev.espalier.control.admission.Attestation;
import dev.espalier.control.admission.Proof;
import dev.espalier.control.metastore.Catalog;
import dev.espalier.control.request.Caller;
import dev.espalier.control.request.ControlException;
import dev.espalier.identity.SignedStatements;
import dev.espalier.postgres.SqlState;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Jdbi;

/** Proves that branches are under the rules of now, and keeps what was proved. */
public final class Attestations {

    /** What the signed text says that it is. */
    static final String KIND = "espalier-attestation+jwt";

    private final Jdbi jdbi;
    private final Finder finder;
    private final EndpointTable endpoints;
    private final EndpointRunner runner;
    private final BranchSessions sessions;
    private final Admissions admissions;
    private final StrayDatabases strays;
    private final SignedStatements statements;
    private final Clock clock;

    Attestations(
            Jdbi jdbi,
            Finder finder,
            EndpointTable endpoints,
            EndpointRunner runner,
            BranchSessions sessions,
            Admissions admissions,
            StrayDatabases strays,
            SignedStatements statements,
            Clock clock) {
        this.jdbi = jdbi;
        this.finder = finder;
        this.endpoints = endpoints;
        this.runner = runner;
        this.sessions = sessions;
        this.admissions = admissions;
        this.strays = strays;
        this.statements = statements;
        this.clock = clock;
    }

    /**
     * Brings the branch under the rules of now, has that proved anew, and signs what was proved, and which databases have a
     * catalog's rules under a name that no change of them reaches.
     *
     * @throws ControlException if it cannot be proved
     */
    public Attestation verify(Caller caller, String projectId, String branchId) {
        Branch branch = jdbi.withHandle(handle -> finder.readyBranch(handle, projectId, branchId));
        String primary = jdbi.withHandle(handle -> endpoints.primary(handle, branch.uid()))
                .uid();
        runner.wake(primary);
        Map<String, Proof> proofs = runner.admitAgain(branch, primary)
                .orElseThrow(() -> new ControlException(
                        ControlException.Code.TEMPORARILY_UNAVAILABLE,
                        branch.name() + " has been suspended meanwhile. Try again."));
        List<Catalog> governed = admissions.governed(branch.projectUid());
        Map<String, String> catalogs = governed.stream().collect(Collectors.toMap(Catalog::database, Catalog::name));
        List<Attestation.Database> databases = new ArrayList<>();
        proofs.forEach((database, proof) -> databases.add(
                new Attestation.Database(catalogs.getOrDefault(database, database), database, true, proof)));
        if (!governed.isEmpty()) {
            List<String> there = sessions.databases(branch);
            governed.stream()
                    .filter(catalog -> !proofs.containsKey(catalog.database()))
                    .forEach(catalog -> databases.add(unproved(branch, catalog)));
            databases.addAll(strays(branch, governed, there));
        }
        String uid = UUID.randomUUID().toString();
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        Attestation attestation = new Attestation(
                uid,
                branch.name(),
                now,
                caller.principal(),
                databases,
                statements.sign(KIND, Json.write(statement(uid, branch, now, caller, databases))));
        keep(branch, attestation);
        return attestation;
    }

    /** What has the rules of a catalog and not its database's name: of that nothing is proved. */
    private List<Attestation.Database> strays(Branch branch, List<Catalog> governed, List<String> there) {
        Set<String> names = governed.stream().map(Catalog::database).collect(Collectors.toSet());
        List<Attestation.Database> strays = new ArrayList<>();
        for (String database : there) {
            if (!names.contains(database)) {
                stray(branch, governed, database)
                        .map(stray -> new Attestation.Database(
                                stray.rulesOf().name(), database, true, unproved(List.of(stray.words()))))
                        .ifPresent(strays::add);
            }
        }
        return strays;
    }

    /** Empty also for what has been dropped, or closed to everybody, since it was seen. */
    private Optional<Stray> stray(Branch branch, List<Catalog> governed, String database) {
        try {
            return sessions.inWarm(branch, database, session -> strays.find(session, governed, database));
        } catch (ControlException e) {
            if (e.getCause() instanceof SQLException cause && SqlState.isClosedDatabase(cause)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private Attestation.Database unproved(Branch branch, Catalog catalog) {
        boolean present = sessions.with(
                branch, BranchSessions.HOME, session -> BranchSessions.oid(session, catalog.database()) != 0);
        List<String> warnings = present
                ? List.of("the database was closed to everybody, or not there yet, when the branch was proved.")
                : List.of();
        return new Attestation.Database(catalog.name(), catalog.database(), present, unproved(warnings));
    }

    private static Proof unproved(List<String> warnings) {
        return new Proof(false, 0, "", List.of(), warnings, List.of());
    }

    private static Map<String, Object> statement(
            String uid, Branch branch, Instant now, Caller caller, List<Attestation.Database> databases) {
        Map<String, Object> statement = new LinkedHashMap<>();
        statement.put("jti", uid);
        statement.put("iat", now.getEpochSecond());
        statement.put("verified_at", now.toString());
        statement.put("verified_by", caller.principal());
        statement.put("sub", branch.name().toString());
        statement.put("project_uid", branch.projectUid());
        statement.put("branch_uid", branch.uid());
        statement.put(
                "databases", databases.stream().map(Attestations::statement).toList());
        return statement;
    }

    private static Map<String, Object> statement(Attestation.Database database) {
        Map<String, Object> statement = new LinkedHashMap<>();
        statement.put("catalog", database.catalog());
        statement.put("database", database.database());
        statement.put("present", database.present());
        statement.put("governed", database.proof().governed());
        statement.put("epoch", database.proof().epoch());
        statement.put("frame", database.proof().frame());
        statement.put("checks", database.proof().checks());
        statement.put("warnings", database.proof().remarks());
        return statement;
    }

    private void keep(Branch branch, Attestation attestation) {
        jdbi.useTransaction(handle -> {
            handle.execute(
                    "INSERT INTO control.attestation VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    attestation.uid(),
                    branch.projectUid(),
                    branch.projectId(),
                    branch.uid(),
                    branch.branchId(),
                    Columns.timestamp(attestation.verified()),
                    attestation.verifiedBy(),
                    attestation.signed());
            for (Attestation.Database database : attestation.databases()) {
                handle.execute(
                        "INSERT INTO control.attested_database VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        attestation.uid(),
                        database.catalog(),
                        database.database(),
                        database.proof().epoch(),
                        database.proof().frame(),
                        database.proof().checks().toArray(String[]::new),
                        database.proof().remarks().toArray(String[]::new),
                        database.proof().governed(),
                        database.present());
            }
        });
    }
}
