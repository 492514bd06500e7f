package dev.espalier.control.metastore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecurableNamesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "people",
                "People",
                "my-table",
                "my table",
                "my.table",
                "`",
                "a`b",
                "``",
                ".",
                "\"",
                "Ämter",
                "a/b"
            })
    void whatIsPrintedIsReadBack(String part) {
        SecurableName table = SecurableName.of("my-shop", part, part);
        assertThat(SecurableNames.parse(SecurableType.TABLE, table.toString()).name())
                .isEqualTo(table);
        ColumnName column = new ColumnName(part, "public", part, part);
        assertThat(SecurableNames.column(column.toString())).isEqualTo(column);
    }

    @Test
    void aFullNameHasBackticksOnlyWhereItWouldBeTakenApart() {
        assertThat(SecurableName.of("my-shop", "Public", "people")).hasToString("my-shop.Public.people");
        assertThat(SecurableName.of("shop", "my.schema")).hasToString("shop.`my.schema`");
        assertThat(SecurableName.of("shop", "public", "a`b").column("c.d")).isEqualTo("shop.public.`a``b`.`c.d`");
    }

    @Test
    void aStatementHasBackticksWhereWordsWouldBeFoldedOrTakenApart() {
        assertThat(SecurableName.of("my-shop", "Public", "people").inStatement())
                .isEqualTo("`my-shop`.`Public`.people");
        assertThat(SecurableName.of("a`b", "c.d").inStatement()).isEqualTo("`a``b`.`c.d`");
    }

    @Test
    void partsThatNeedNoBackticksMayHaveThem() {
        assertThat(SecurableNames.parse(SecurableType.TABLE, "`shop`.public.`people`")
                        .name())
                .isEqualTo(SecurableName.of("shop", "public", "people"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {"a..b", ".a.b", "a.b.", "a.b.`c", "a.b.c`", "a.b.``", "a.b.`c`d", "a.b.c`d`", "a.b.`c``", "a.b.`"})
    void whatIsNoNameIsRefused(String text) {
        assertThatThrownBy(() -> SecurableNames.parse(SecurableType.TABLE, text))
                .hasMessageContaining("is not a name");
        assertThat(SecurableNames.function(text)).isEmpty();
    }
}
