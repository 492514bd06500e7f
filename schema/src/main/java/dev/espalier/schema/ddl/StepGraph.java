package dev.espalier.schema.ddl;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Steps and which of them must come before which. */
final class StepGraph {

    private final Map<Step, Set<Step>> successors = new TreeMap<>();
    private final Map<Step, Set<Step>> predecessors = new TreeMap<>();

    void add(Step step) {
        successors.computeIfAbsent(step, s -> new TreeSet<>());
        predecessors.computeIfAbsent(step, s -> new TreeSet<>());
    }

    boolean contains(Step step) {
        return successors.containsKey(step);
    }

    Collection<Step> successors(Step step) {
        return successors.getOrDefault(step, Set.of());
    }

    Collection<Step> predecessors(Step step) {
        return predecessors.getOrDefault(step, Set.of());
    }

    /** Orders two steps, if both are in the graph. */
    void order(Step before, Step after) {
        if (contains(before) && contains(after) && !before.equals(after)) {
            successors.getOrDefault(before, new TreeSet<>()).add(after);
            predecessors.getOrDefault(after, new TreeSet<>()).add(before);
        }
    }

    /** Orders two steps unless the second must come first already. */
    void prefer(Step before, Step after) {
        if (!reaches(after, before)) {
            order(before, after);
        }
    }

    private boolean reaches(Step from, Step to) {
        Set<Step> seen = new HashSet<>();
        Deque<Step> open = new ArrayDeque<>(List.of(from));
        while (!open.isEmpty()) {
            Step step = open.pop();
            if (step.equals(to)) {
                return true;
            }
            if (seen.add(step)) {
                open.addAll(successors(step));
            }
        }
        return false;
    }

    /**
     * All steps, each after what must come before it, otherwise in their natural order. Where steps wait for each other
     * in a circle, which PostgreSQL's own dependencies do not do, the smallest goes first and the server has the last word.
     */
    List<Step> sorted() {
        Map<Step, Integer> waits = new HashMap<>();
        TreeSet<Step> ready = new TreeSet<>();
        TreeSet<Step> waiting = new TreeSet<>(successors.keySet());
        for (Step step : successors.keySet()) {
            int count = predecessors(step).size();
            waits.put(step, count);
            if (count == 0) {
                ready.add(step);
            }
        }
        List<Step> sorted = new ArrayList<>();
        while (!waiting.isEmpty()) {
            Step next = ready.isEmpty() ? waiting.first() : ready.first();
            ready.remove(next);
            waiting.remove(next);
            sorted.add(next);
            for (Step successor : successors(next)) {
                if (waits.merge(successor, -1, Integer::sum) == 0 && waiting.contains(successor)) {
                    ready.add(successor);
                }
            }
        }
        return sorted;
    }
}
