package dev.espalier.control;

import dev.espalier.control.admission.Proof;
import dev.espalier.control.metastore.CatalogTable;
import dev.espalier.control.metastore.RunningBranches;
import dev.espalier.postgres.SessionThreads;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings branches that run under rules that have changed. Those that sleep, replicas included, come under them when they wake. What
 * could not be seen to is known in memory alone: when Espalier starts, no branch runs that has not been brought under the rules of now.
 */
final class RulesInForce implements RunningBranches {

    private static final Logger LOG = LoggerFactory.getLogger(RulesInForce.class);

    /** Each needs a session of the control database now and then. */
    private static final int AT_ONCE = 6;

    /** Warnings of one change. */
    private static final int MOST_TOLD = 10;

    private static final String TRIED_AGAIN = "This is tried again every few seconds until it is done.";

    /** @param endpoints uids, the read-write one's first */
    private record Running(Branch branch, List<String> endpoints) {}

    /**
     * What there is to say of a branch that was to be brought under the rules.
     *
     * @param events what was done by the way
     * @param warnings what holds on it; empty where it does not run
     */
    private record Said(Branch branch, Optional<String> failure, List<String> events, Optional<Set<String>> warnings) {

        Said(Branch branch, String failure) {
            this(branch, Optional.of(failure), List.of(), Optional.empty());
        }

        /** @param proofs empty where it does not run */
        Said(Branch branch, Optional<Map<String, Proof>> proofs) {
            this(
                    branch,
                    Optional.empty(),
                    proofs.stream()
                            .flatMap(all -> all.values().stream())
                            .flatMap(proof -> proof.events().stream())
                            .toList(),
                    proofs.map(RulesInForce::warnings));
        }

        /** The branch is named where it is not the default one. */
        String words(String what) {
            return branch.isDefault() ? what : branch.name() + ": " + what;
        }
    }

    private final Jdbi jdbi;
    private final EndpointRunner runner;
    private final Locks locks;

    /** Branches that were suspended because of their rules, until they run again when rules change. */
    private final Set<String> suspended = ConcurrentHashMap.newKeySet();

    /** Projects of which a branch may run that is not under the rules of now. */
    private final Set<String> owing = ConcurrentHashMap.newKeySet();

    /** Whether any project may be one of these. */
    private volatile boolean unsure;

    /** What holds on the branches of a project as it was told last: warnings by the branch's uid, by the project's. */
    private final Map<String, Map<String, Set<String>>> told = new ConcurrentHashMap<>();

    RulesInForce(Jdbi jdbi, EndpointRunner runner, Locks locks) {
        this.jdbi = jdbi;
        this.runner = runner;
        this.locks = locks;
    }

    @Override
    public List<String> obey(String projectUid) {
        try {
            return bringUnder(projectUid);
        } catch (RuntimeException e) {
            LOG.warn(
                    "it cannot be seen to that the branches of project {} are under its rules: {}",
                    projectUid,
                    e.getMessage(),
                    e);
            return List.of("the change is made, and branches that run may not be under it yet: " + e.getMessage() + ". "
                    + TRIED_AGAIN);
        }
    }

    @Override
    public void mayHaveToObey() {
        unsure = true;
    }

    /** Tries again what could not be seen to when rules changed. */
    void tryAgain() {
        if (unsure) {
            unsure = false;
            try {
                owing.addAll(jdbi.withHandle(CatalogTable::projectsUnderRules));
            } catch (RuntimeException e) {
                unsure = true;
                throw e;
            }
        }
        for (String projectUid : Set.copyOf(owing)) {
            LOG.info(
                    "it was tried again to bring the branches of project {} under its rules: {}",
                    projectUid,
                    obey(projectUid));
        }
    }

    private List<String> bringUnder(String projectUid) {
        // Before anything is read: what changes or fails from here on is owed anew.
        owing.remove(projectUid);
        try {
            List<Future<Said>> begun = new ArrayList<>();
            List<Running> running = running(projectUid);
            try (ExecutorService workers = SessionThreads.atMost(AT_ONCE, "rules")) {
                running.forEach(one -> begun.add(workers.submit(() -> bringUnder(one))));
            }
            return words(projectUid, begun.stream().map(Future::resultNow).toList());
        } catch (RuntimeException e) {
            owing.add(projectUid);
            throw e;
        }
    }

    private List<Running> running(String projectUid) {
        Map<String, List<String>> endpoints = jdbi.withHandle(handle -> EndpointTable.uids(handle, projectUid));
        return jdbi.withHandle(handle -> BranchTable.ofProject(handle, projectUid)).stream()
                .filter(branch -> endpoints.containsKey(branch.uid()))
                .map(branch -> new Running(branch, endpoints.getOrDefault(branch.uid(), List.of())))
                .toList();
    }

    private Said bringUnder(Running one) {
        Branch branch = one.branch();
        try {
            // Waits for a branch that is being made or woken, which may have read the rules before they changed.
            Optional<Map<String, Proof>> proofs =
                    runner.admitAgain(branch, one.endpoints().getFirst());
            if (proofs.isPresent()) {
                suspended.remove(branch.uid());
            } else if (suspended.contains(branch.uid())) {
                // The rules may have been mended by now; if not, the next change may.
                try (var _ = locks.shared(branch.uid())) {
                    runner.wakeWhatNeverSleeps(branch.uid());
                }
            }
            return new Said(branch, proofs);
        } catch (RuntimeException e) {
            suspended.add(branch.uid());
            return new Said(branch, suspend(one, e));
        }
    }

    private static Set<String> warnings(Map<String, Proof> proofs) {
        Set<String> warnings = new LinkedHashSet<>();
        proofs.values().forEach(proof -> warnings.addAll(proof.warnings()));
        return warnings;
    }

    /** What is to be said of a branch that cannot be brought under the rules for this reason. */
    private String suspend(Running one, RuntimeException why) {
        Branch branch = one.branch();
        try (var _ = locks.alone(branch.uid())) {
            stop(one);
            LOG.warn("{} is suspended: {}", branch.name(), why.getMessage(), why);
            return branch.name() + " is suspended, and does not open before this is mended: " + why.getMessage();
        } catch (RuntimeException e) {
            owing.add(branch.projectUid());
            why.addSuppressed(e);
            LOG.error("{} runs under rules that are not those of now: {}", branch.name(), why.getMessage(), why);
            return branch.name() + " runs, and is not under the rules of now: " + why.getMessage()
                    + ". Nor could it be suspended: " + e.getMessage() + ". " + TRIED_AGAIN;
        }
    }

    private void stop(Running one) {
        try {
            runner.suspendAll(one.branch().uid());
        } catch (RuntimeException e) {
            // Which endpoints there are cannot be asked; these there were a moment ago.
            owing.add(one.branch().projectUid());
            one.endpoints().reversed().forEach(runner::suspend);
        }
    }

    /** What failed or was done by the way, and the warnings that were not told before, those of the default branch first, each once. */
    private List<String> words(String projectUid, List<Said> said) {
        List<String> words = new ArrayList<>();
        said.forEach(of -> of.failure().ifPresent(words::add));
        said.forEach(of -> of.events().forEach(event -> words.add(of.words(event))));
        Map<String, Set<String>> before = told.getOrDefault(projectUid, Map.of());
        Map<String, Set<String>> now = new HashMap<>();
        Map<String, String> fresh = new LinkedHashMap<>();
        said.stream()
                .sorted(Comparator.comparing(of -> !of.branch().isDefault()))
                .forEach(of -> {
                    Set<String> known = before.getOrDefault(of.branch().uid(), Set.of());
                    Set<String> warnings = of.warnings().orElse(known);
                    now.put(of.branch().uid(), warnings);
                    warnings.stream()
                            .filter(warning -> !known.contains(warning))
                            .forEach(warning -> fresh.putIfAbsent(warning, of.words(warning)));
                });
        told.put(projectUid, now);
        fresh.values().stream().limit(MOST_TOLD).forEach(words::add);
        if (fresh.size() > MOST_TOLD) {
            words.add("there are " + (fresh.size() - MOST_TOLD)
                    + " more warnings: espalier branches verify shows all that holds on a branch.");
        }
        return words;
    }
}
