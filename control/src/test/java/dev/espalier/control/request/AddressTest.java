package dev.espalier.control.request;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressTest {

    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
        catalog,                       -,         catalog,   -
        catalog@feature-x,             -,         catalog,   feature-x
        backstage/catalog,             backstage, catalog,   -
        backstage/catalog@feature-x,   backstage, catalog,   feature-x
        backstage/a@b@feature-x,       backstage, a@b,       feature-x
        backstage/a/b,                 backstage, a/b,       -
        a@b/catalog,                   a@b,       catalog,   -
        """)
    void theFirstSlashEndsTheProjectAndTheLastAtSignBeginsTheBranch(
            String text, String project, String database, String branch) {
        assertThat(Address.parse(text))
                .isEqualTo(new Address(Optional.ofNullable(project), database, Optional.ofNullable(branch)));
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
        catalog,                     backstage, feature-x, backstage/catalog@feature-x
        catalog,                     -,         feature-x, catalog@feature-x
        catalog@dev,                 backstage, feature-x, backstage/catalog@dev
        backstage/catalog,           backstage, feature-x, backstage/catalog@feature-x
        backstage/catalog,           -,         feature-x, backstage/catalog@feature-x
        backstage/catalog@dev,       backstage, feature-x, backstage/catalog@dev
        shop/catalog,                backstage, feature-x, shop/catalog
        shop/catalog@dev,            backstage, feature-x, shop/catalog@dev
        """)
    void aBranchThatIsNamedElsewhereIsTakenOfTheSameProjectOnly(
            String address, String project, String branch, String meant) {
        assertThat(Address.parse(address).or(Optional.ofNullable(project), Optional.ofNullable(branch)))
                .isEqualTo(Address.parse(meant));
    }
}
