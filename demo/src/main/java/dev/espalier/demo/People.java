package dev.espalier.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** The employees, by number: everyone has a name, an e-mail and a phone of his own, and none is kept in memory. */
final class People {

    private static final List<Name> FIRST_NAMES = names("first-names.txt");
    private static final List<Name> LAST_NAMES = names("last-names.txt");
    private static final int FULL_NAMES = FIRST_NAMES.size() * LAST_NAMES.size();

    /** Country and area or mobile codes. */
    private static final List<String> DIALLING_CODES = List.of(
            "+1-212", "+1-415", "+20-10", "+27-82", "+31-6", "+33-6", "+34-61", "+351-91", "+353-86", "+358-40",
            "+36-20", "+380-50", "+39-34", "+40-72", "+420-60", "+44-77", "+45-31", "+46-70", "+47-40", "+48-60",
            "+49-151", "+52-55", "+55-11", "+61-4", "+62-81", "+64-21", "+65-81", "+81-90", "+82-10", "+84-90",
            "+90-53", "+91-98", "+233-24", "+234-80", "+254-71", "+966-50", "+971-50", "+972-54");

    private static final int PHONES = DIALLING_CODES.size() * 10_000;

    /** A name, and how an e-mail address writes it. */
    private record Name(String written, String ascii) {

        static Name of(String written) {
            String decomposed = Normalizer.normalize(written, Normalizer.Form.NFD);
            return new Name(written, decomposed.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]", ""));
        }
    }

    private final Permutation names;
    private final Permutation phones;

    People(long seed) {
        this.names = Permutation.of(FULL_NAMES, seed);
        this.phones = Permutation.of(PHONES, seed);
    }

    /** Employee number {@code number}, from 0. Phones repeat past 380 000 employees, names never. */
    Person person(int number) {
        int name = names.at(number);
        Name first = FIRST_NAMES.get(name % FIRST_NAMES.size());
        Name last = LAST_NAMES.get(name / FIRST_NAMES.size());
        int round = number / FULL_NAMES;
        String namesake = round == 0 ? "" : String.valueOf(round + 1);
        int phone = phones.at(number);
        return new Person(
                first.written + " " + last.written,
                first.ascii + "-" + last.ascii + namesake,
                first.ascii + "." + last.ascii + namesake + "@acme.example",
                DIALLING_CODES.get(phone / 10_000) + "-555-" + fourDigits(phone % 10_000));
    }

    private static String fourDigits(int number) {
        return String.valueOf(10_000 + number).substring(1);
    }

    private static List<Name> names(String resource) {
        try (InputStream in = Objects.requireNonNull(People.class.getResourceAsStream(resource), resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(Name::of)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
