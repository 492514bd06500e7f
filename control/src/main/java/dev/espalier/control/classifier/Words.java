package dev.espalier.control.classifier;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the names of columns and of keys in documents say. */
final class Words {

    /** Between two words of a name: anything but letters, and where a capital letter begins one. */
    private static final Pattern BETWEEN =
            Pattern.compile("[^\\p{L}]+|(?<=\\p{Ll})(?=\\p{Lu})|(?<=\\p{Lu})(?=\\p{Lu}\\p{Ll})");

    private record Rule(PersonalData data, Pattern name) {

        static Rule of(PersonalData data, String words) {
            return new Rule(data, Pattern.compile("(^|.* )(" + words + ")( .*|$)"));
        }
    }

    /** In this order: an e-mail address is no address. English, and some German, French and Spanish. */
    private static final List<Rule> RULES = List.of(
            Rule.of(PersonalData.EMAIL, "e ?mails?|mail|mail address|correo|courriel"),
            Rule.of(PersonalData.PHONE, "phones?|telephone|tel|mobile|msisdn|fax|telefono?|handy|portable"),
            Rule.of(
                    PersonalData.SECRET,
                    "passwords?|passwd|pwd|secrets?|api ?key|access ?token|refresh ?token|private ?key|credentials?|passwort"),
            Rule.of(PersonalData.IBAN, "iban|bank ?account|account ?number|kontonummer"),
            Rule.of(PersonalData.CARD, "card ?number|credit ?card|pan|cvv|cvc|kreditkarte"),
            Rule.of(
                    PersonalData.NATIONAL_ID,
                    "ssn|social ?security|national ?id|passport|tax ?id|nino|dni|nif|steuer ?id|personal ?number|id ?card"),
            Rule.of(
                    PersonalData.BIRTH_DATE,
                    "birth ?day|birth ?date|date of birth|dob|born|geburtsdatum|geburtstag|date naissance|fecha nacimiento"),
            Rule.of(PersonalData.IP, "ip|ip ?addr|ip ?address|remote ?addr|client ?ip"),
            Rule.of(
                    PersonalData.NAME,
                    "first ?name|last ?name|middle ?name|full ?name|given ?name|family ?name|surname|sur ?name|maiden ?name"
                            + "|display ?name|person ?name|customer ?name|user ?real ?name|vorname|nachname|prenom|nombre|apellidos?"),
            Rule.of(
                    PersonalData.ADDRESS,
                    "address|street|addr|post ?code|postal ?code|zip|zip ?code|home ?town|strasse|plz|adresse|direccion"));

    private Words() {}

    /** What a name says; of two that it could say, the one that comes first among the rules. */
    static Optional<PersonalData> meaning(String name) {
        String words = String.join(
                " ",
                Stream.of(BETWEEN.split(name))
                        .filter(word -> !word.isEmpty())
                        .map(word -> word.toLowerCase(Locale.ROOT))
                        .toList());
        return RULES.stream()
                .filter(rule -> rule.name().matcher(words).matches())
                .map(Rule::data)
                .findFirst();
    }
}
