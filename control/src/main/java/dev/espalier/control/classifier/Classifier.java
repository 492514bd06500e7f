package dev.espalier.control.classifier;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Says what columns may hold of people. */
public final class Classifier {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** So many values must match before they alone say anything, unless nearly all of the few that there are do. */
    private static final int FEW = 3;

    /** Names in their columns can only be told by what the columns are called; so little that matches is chance. */
    private static final double CHANCE = 0.01;

    private static final double NEARLY_ALL = 0.9;

    /** In this share of documents a key stands that is a name of theirs. */
    private static final double COMMON = 0.5;

    private Classifier() {}

    /** Matching values of one kind, and the keys of documents that they were under. */
    private static final class Tally {
        private int matching;
        private final Map<String, Integer> keys = new HashMap<>();

        /**
         * The key that most documents have. Documents whose keys are data, as addresses or people's names, have few in common: none is
         * told that does not stand in half of them, or that is something of people itself.
         */
        Optional<String> commonKey() {
            return keys.entrySet().stream()
                    .filter(key -> key.getValue() >= Math.max(FEW, matching * COMMON))
                    .filter(key ->
                            !key.getKey().isEmpty() && Values.in(key.getKey()).isEmpty())
                    .max(Map.Entry.comparingByValue())
                    .map(Map.Entry::getKey);
        }
    }

    /** What a column may hold, the surest first; mostly nothing, or one thing. */
    public static List<Finding> look(ColumnSample sample) {
        Map<PersonalData, Tally> tallies = new EnumMap<>(PersonalData.class);
        if (!sample.isDate()) {
            sample.values().forEach(value -> look(value, tallies));
        }
        Optional<PersonalData> named =
                Words.meaning(sample.column()).filter(data -> !sample.isDate() || data == PersonalData.BIRTH_DATE);
        named.ifPresent(data -> tallies.computeIfAbsent(data, _ -> new Tally()));
        int rows = sample.values().size();
        List<Finding> findings = new ArrayList<>();
        tallies.forEach((data, tally) -> {
            Finding finding =
                    new Finding(data, named.filter(data::equals).isPresent(), rows, tally.matching, tally.commonKey());
            if (finding.byName() || isMoreThanChance(finding)) {
                findings.add(finding);
            }
        });
        findings.sort((one, other) -> {
            int surer = other.confidence().compareTo(one.confidence());
            return surer != 0 ? surer : Double.compare(other.share(), one.share());
        });
        return findings;
    }

    private static boolean isMoreThanChance(Finding finding) {
        return finding.matching() >= FEW
                ? finding.share() >= CHANCE
                : finding.matching() > 0 && finding.share() >= NEARLY_ALL;
    }

    private static void look(String value, Map<PersonalData, Tally> tallies) {
        Optional<JsonNode> document = document(value);
        if (document.isEmpty()) {
            Values.in(value).forEach(data -> tallies.computeIfAbsent(data, _ -> new Tally()).matching++);
            return;
        }
        Map<PersonalData, Set<String>> found = new EnumMap<>(PersonalData.class);
        walk("", document.get(), found);
        found.forEach((data, keys) -> {
            Tally tally = tallies.computeIfAbsent(data, _ -> new Tally());
            tally.matching++;
            keys.forEach(key -> tally.keys.merge(key, 1, Integer::sum));
        });
    }

    private static Optional<JsonNode> document(String value) {
        String text = value.strip();
        if (!text.startsWith("{") && !text.startsWith("[")) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readTree(text));
        } catch (JacksonException none) {
            return Optional.empty();
        }
    }

    /** @param key under which the node stands */
    private static void walk(String key, JsonNode node, Map<PersonalData, Set<String>> found) {
        if (node.isObject()) {
            node.properties().forEach(entry -> {
                note(Values.in(entry.getKey()), key, found);
                walk(entry.getKey(), entry.getValue(), found);
            });
        } else if (node.isArray()) {
            node.values().forEach(element -> walk(key, element, found));
        } else if (node.isString() && !node.stringValue().isEmpty()) {
            Collection<PersonalData> kinds = new HashSet<>(Values.in(node.stringValue()));
            Words.meaning(key).ifPresent(kinds::add);
            note(kinds, key, found);
        }
    }

    private static void note(Collection<PersonalData> kinds, String key, Map<PersonalData, Set<String>> found) {
        kinds.forEach(data -> found.computeIfAbsent(data, _ -> new HashSet<>()).add(key));
    }
}
