package dev.espalier.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class SearchRowTest {

    @Test
    void keepsKeysAndValuesInLowerCaseBesideTheOriginal() {
        assertThat(of("{'spec': {'profile': {'displayName': 'Olga Tanaka'}}}"))
                .contains(new SearchRow("spec.profile.displayname", "olga tanaka", "Olga Tanaka"));
    }

    @Test
    void makesEachMemberOfAListAKeyOfItsOwn() {
        assertThat(of("{'metadata': {'tags': ['Java']}}"))
                .contains(
                        new SearchRow("metadata.tags", "java", "Java"),
                        new SearchRow("metadata.tags.java", "true", "true"));
    }

    @Test
    void keepsOneRowForEachKeyAndValue() {
        assertThat(of("{'metadata': {'tags': ['java', 'Java', 'java']}}"))
                .filteredOn(row -> row.key().startsWith("metadata.tags"))
                .hasSize(2);
    }

    @Test
    void keepsTheKeyOfATextTooLongToIndexWithoutIt() {
        assertThat(of("{'spec': {'definition': '" + "x".repeat(201) + "'}}"))
                .contains(new SearchRow("spec.definition", null, null));
    }

    @Test
    void addsRelationsAndLeavesOutStatusAndEtag() {
        assertThat(of("{'metadata': {'etag': 'e'}, 'status': {'items': []},"
                        + " 'relations': [{'type': 'ownedBy', 'targetRef': 'group:default/acme'}]}"))
                .contains(new SearchRow("relations.ownedby", "group:default/acme", "group:default/acme"))
                .noneMatch(row -> row.key().startsWith("status") || row.key().equals("metadata.etag"));
    }

    private static List<SearchRow> of(String json) {
        return SearchRow.of(JsonMapper.shared().readTree(json.replace('\'', '"')));
    }
}
