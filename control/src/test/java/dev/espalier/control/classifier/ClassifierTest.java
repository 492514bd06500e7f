package dev.espalier.control.classifier;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.control.classifier.Finding.Confidence;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of columns by their names and values. */
class ClassifierTest {

    private static List<Finding> look(String column, String... values) {
        return Classifier.look(new ColumnSample(column, false, List.of(values)));
    }

    private static List<Finding> lookAtMany(String column, String value) {
        return Classifier.look(new ColumnSample(column, false, Collections.nCopies(100, value)));
    }

    @ParameterizedTest
    @CsvSource({
        "email, EMAIL",
        "userEmail, EMAIL",
        "e_mail_address, EMAIL",
        "PHONE_NUMBER, PHONE",
        "mobilePhone, PHONE",
        "first_name, NAME",
        "lastName, NAME",
        "Nachname, NAME",
        "shipping_address, ADDRESS",
        "zip, ADDRESS",
        "date_of_birth, BIRTH_DATE",
        "dob, BIRTH_DATE",
        "ssn, NATIONAL_ID",
        "iban, IBAN",
        "client_ip, IP",
        "password_hash, SECRET",
        "apiKey, SECRET"
    })
    void namesThatSayItAreEnough(String column, PersonalData data) {
        assertThat(look(column)).singleElement().satisfies(finding -> {
            assertThat(finding.data()).isEqualTo(data);
            assertThat(finding.confidence()).isEqualTo(Confidence.MEDIUM);
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "name",
                "id",
                "description",
                "telegram_count",
                "shipped",
                "emailed",
                "tip",
                "chip",
                "entity_ref",
                "title"
            })
    void namesThatOnlyContainSuchALetterSequenceSayNothing(String column) {
        assertThat(look(column)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ann.smith@example.com|EMAIL",
                "+49 30 901820|PHONE",
                "DE89 3704 0044 0532 0130 00|IBAN",
                "4111 1111 1111 1111|CARD",
                "192.168.17.4|IP",
                "2001:db8::ff00:42:8329|IP",
                "ghp_0123456789abcdefghijABCDEFGHIJ012345|SECRET",
                "please call +1 212 555 2368 tonight|PHONE",
                "mail ann@example.com about it|EMAIL"
            })
    void valuesThatCanBeCheckedAreFoundWhateverTheColumnIsCalled(String value, PersonalData data) {
        assertThat(lookAtMany("c", value)).singleElement().satisfies(finding -> {
            assertThat(finding.data()).isEqualTo(data);
            assertThat(finding.confidence()).isEqualTo(Confidence.HIGH);
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DE89 3704 0044 0532 0130 01",
                "4111 1111 1111 1112",
                "999.1.2.3",
                "18.6.0",
                "12:30:45",
                "2026-11-29 17:00:00+00",
                "not@an@address",
                "550e8400-e29b-41d4-a716-446655440000",
                "component:default/payments",
                "+123",
                "1234567890123"
            })
    void valuesWithWrongCheckDigitsOrOfOtherKindsAreNotFound(String value) {
        assertThat(lookAtMany("c", value)).isEmpty();
    }

    @Test
    void documentsAreFoundBySomeKeyOfTheirs() {
        assertThat(lookAtMany("final_entity", """
                        {"kind":"User","spec":{"profile":{"email":"ann@example.com"},"memberOf":["team-a"]}}
                        """)).singleElement().satisfies(finding -> {
            assertThat(finding.data()).isEqualTo(PersonalData.EMAIL);
            assertThat(finding.within()).contains("email");
            assertThat(finding.evidence()).contains("100 of 100 values").doesNotContain("ann");
        });
    }

    @Test
    void keysOfDocumentsThatAreDataAreFoundAndNeverTold() {
        assertThat(look(
                        "c",
                        "{\"jane@example.com\": \"+49 30 901820\"}",
                        "{\"jane@example.com\": \"+49 30 901821\"}",
                        "{\"jane@example.com\": \"+49 30 901822\"}"))
                .extracting(Finding::data)
                .containsExactlyInAnyOrder(PersonalData.EMAIL, PersonalData.PHONE);
        List<String> byPerson = IntStream.range(0, 100)
                .mapToObj(n -> "{\"Jane Doe " + n % 10 + "\": {\"jane" + n + "@example.com\": [\"+49 30 901820\"]}}")
                .toList();
        for (List<String> values : List.of(
                byPerson,
                List.of("{\"Jane Doe\": \"+49 30 901820\"}"),
                List.of("[\"+49 30 901820\"]", "[\"+49 30 901820\"]", "[\"+49 30 901820\"]"))) {
            assertThat(Classifier.look(new ColumnSample("c", false, values)))
                    .isNotEmpty()
                    .allSatisfy(finding -> assertThat(finding.evidence())
                            .isEqualTo(finding.matching() + " of " + values.size() + " values"));
        }
    }

    @Test
    void aFewMatchesAmongManyAreWorthALookAndOneIsChance() {
        List<String> values = new java.util.ArrayList<>(
                IntStream.range(0, 100).mapToObj(n -> "plain text " + n).toList());
        values.set(0, "ann@example.com");
        assertThat(Classifier.look(new ColumnSample("c", false, values))).isEmpty();
        values.set(1, "bob@example.com");
        values.set(2, "eve@example.com");
        assertThat(Classifier.look(new ColumnSample("c", false, values)))
                .singleElement()
                .satisfies(finding -> assertThat(finding.confidence()).isEqualTo(Confidence.LOW));
    }

    @Test
    void aNameThatNoValueBearsOutIsLessSure() {
        assertThat(lookAtMany("email", "yes").getFirst().confidence()).isEqualTo(Confidence.LOW);
    }

    @Test
    void ofDatesOnlyBirthdaysArePersonal() {
        assertThat(Classifier.look(new ColumnSample("password_changed_at", true, List.of())))
                .isEmpty();
        assertThat(Classifier.look(new ColumnSample("birth_date", true, List.of())))
                .hasSize(1);
    }
}
