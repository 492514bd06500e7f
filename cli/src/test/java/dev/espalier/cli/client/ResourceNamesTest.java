package dev.espalier.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

class ResourceNamesTest {

    /** The examples are the server's own. */
    @ParameterizedTest
    @CsvFileSource(files = "../api/src/test/resources/resource-ids.csv")
    void aNameInPostgresqlHasTheIdThatTheServerMakesFromIt(String name, String id) {
        assertThat(ResourceNames.idOf(name)).isEqualTo(id);
    }
}
