package dev.espalier.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PeopleTest {

    private final List<Person> people =
            IntStream.range(0, 40_000).mapToObj(new People(42)::person).toList();

    @Test
    void everyoneHasAnEmailALoginAndAPhoneOfHisOwn() {
        assertThat(people.stream().map(Person::email)).doesNotHaveDuplicates();
        assertThat(people.stream().map(Person::login)).doesNotHaveDuplicates();
        assertThat(people.stream().map(Person::phone)).doesNotHaveDuplicates();
    }

    @Test
    void emailsAndPhonesAreInvented() {
        assertThat(people).allSatisfy(person -> {
            assertThat(person.email()).matches("[a-z-]+\\.[a-z-]+[0-9]?@acme\\.example");
            assertThat(person.phone()).matches("\\+[0-9]{1,3}-[0-9]{1,3}-555-[0-9]{4}");
        });
    }

    @Test
    void neighboursDoNotLookAlike() {
        assertThat(people.subList(0, 50).stream()
                        .map(person -> person.displayName().split(" ")[0]))
                .satisfies(
                        names -> assertThat(names.stream().distinct().count()).isGreaterThan(40));
    }
}
