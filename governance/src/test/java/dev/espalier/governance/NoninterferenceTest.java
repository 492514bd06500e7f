package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.governance.Attacks.Answer;
import dev.espalier.governance.Attacks.Attacker;
import dev.espalier.governance.Attacks.Said;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is hidden changes no answer: everything in {@code attacks.txt} is answered alike by two databases that differ in nothing but what
 * somebody may not see (J. A. Goguen and J. Meseguer, Security Policies and Security Models, 1982). So a value is also found that
 * does not come out itself, and only decides which rows do. A third database, like the first, tells which answers are alike nowhere.
 */
@ExtendWith(Servers.class)
class NoninterferenceTest {

    /** Numbers of objects, processes and transactions, and what statistics counted. */
    private static final int MOST_OF_CHANCE = 60;

    private static final Pattern TIME =
            Pattern.compile("\\d{4}-\\d\\d-\\d\\d[ T]\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?([+-]\\d\\d(:\\d\\d)?)?");

    private final Attacks attacks = new Attacks();

    static int[] versions() {
        return Servers.versions();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatIsHiddenChangesNoAnswer(int version, Servers.Running servers) throws SQLException {
        try (Shop one = new Shop(servers, version);
                Shop alike = new Shop(servers, version);
                Shop other = new Shop(servers, version, Attacks.shopOfOtherSecrets())) {
            for (Shop shop : List.of(one, alike, other)) {
                shop.govern();
            }
            for (String mode : List.of("simple", "extended")) {
                assertAlike(one, alike, other, mode, shop -> shop.analyst);
            }
            assertAlike(one, alike, other, "simple", shop -> shop.writer);
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void theTestSeesAnswersThatDependOnWhatIsHidden(int version, Servers.Running servers) throws SQLException {
        try (Shop one = new Shop(servers, version);
                Shop alike = new Shop(servers, version);
                Shop other = new Shop(servers, version, Attacks.shopOfOtherSecrets())) {
            for (Shop shop : List.of(one, alike, other)) {
                shop.govern();
            }
            assertThat(differences(one, alike, other, "simple", shop -> shop.exempt))
                    .as("for whom nothing is masked")
                    .hasSizeGreaterThan(60)
                    .anyMatch(statement -> statement.startsWith("SELECT id FROM customers WHERE email ="));
        }
    }

    private void assertAlike(Shop one, Shop alike, Shop other, String mode, Function<Shop, String> who)
            throws SQLException {
        List<String> differences = differences(one, alike, other, mode, who);
        // What tells of what is hidden does so each time; whether a page was in the cache is chance.
        for (int again = 0; again < 2 && !differences.isEmpty(); again++) {
            differences.retainAll(differences(one, alike, other, mode, who));
        }
        assertThat(differences).isEmpty();
    }

    private List<String> differences(Shop one, Shop alike, Shop other, String mode, Function<Shop, String> who)
            throws SQLException {
        List<Answer> first = answers(one, mode, who);
        List<Answer> second = answers(alike, mode, who);
        List<Answer> third = answers(other, mode, who);
        List<String> differences = new ArrayList<>();
        List<String> byChance = new ArrayList<>();
        for (int i = 0; i < first.size(); i++) {
            if (!first.get(i).equals(second.get(i))) {
                byChance.add(first.get(i).statement());
            } else if (!first.get(i).equals(third.get(i))) {
                differences.add(first.get(i).statement());
            }
        }
        assertThat(byChance).as("answers that differ anyway").hasSizeLessThan(MOST_OF_CHANCE);
        return differences;
    }

    private List<Answer> answers(Shop shop, String mode, Function<Shop, String> who) throws SQLException {
        String role = who.apply(shop);
        Attacks.Door door = () -> shop.server.connect(shop.database, role, mode);
        return attacks.answers(door, Attacker.of(shop.admin, role, shop.manager)).stream()
                .map(answer -> new Answer(
                        general(answer.statement(), shop),
                        // PostgreSQL cannot hide what notifications say; the gateway does.
                        answer.said().stream()
                                .filter(said -> !said.where().equals(Attacks.NOTIFICATION))
                                .map(said -> new Said(said.where(), general(said.text(), shop)))
                                .toList()))
                .toList();
    }

    /** Without the time, and the names that the databases and their roles have. */
    private static String general(String text, Shop shop) {
        return TIME.matcher(text.replace(shop.database, "DATABASE")).replaceAll("TIME");
    }
}
