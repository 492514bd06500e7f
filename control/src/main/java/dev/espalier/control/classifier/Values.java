package dev.espalier.control.classifier;

import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.Leniency;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.validator.routines.CreditCardValidator;
import org.apache.commons.validator.routines.EmailValidator;
import org.apache.commons.validator.routines.IBANValidator;
import org.apache.commons.validator.routines.InetAddressValidator;

/** What a text is, or has in it, by the checks that each kind has of its own: check digits, numbering plans, syntax. */
final class Values {

    /** Longer texts are looked at so far, in UTF-16 units. */
    private static final int LONGEST = 4000;

    private static final Pattern EMAIL =
            Pattern.compile("[\\w.+%'-]{1,64}@[\\w-]+(\\.[\\w-]+)+", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern IBAN =
            Pattern.compile("\\b[A-Z]{2}\\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\\b");
    private static final Pattern CARD = Pattern.compile("(?<![\\d.-])\\d(?:[ -]?\\d){12,18}(?![\\d.-])");
    private static final Pattern IP = Pattern.compile(
            "(?<![\\w.:])(?:\\d{1,3}(?:\\.\\d{1,3}){3}|[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7})(?![\\w.:])");
    private static final Pattern TOKEN = Pattern.compile(
            "eyJ[\\w-]{8,}\\.eyJ[\\w-]{8,}\\.[\\w-]*|gh[pousr]_\\w{36,}|AKIA[A-Z0-9]{16}|xox[abpr]-[\\w-]{10,}"
                    + "|-----BEGIN [A-Z ]*PRIVATE KEY-----|\\$2[aby]\\$\\d\\d\\$[./\\w]{53}|SCRAM-SHA-256\\$");
    private static final Pattern PLUS_AND_DIGITS = Pattern.compile("\\+[\\d ()./-]{7,}");

    private static final String ANY_REGION = "ZZ";
    private static final PhoneNumberUtil PHONES = PhoneNumberUtil.getInstance();

    private Values() {}

    /** The kinds that can be told from a value alone. */
    static Set<PersonalData> in(String value) {
        String text = value.length() > LONGEST ? value.substring(0, LONGEST) : value;
        Set<PersonalData> found = EnumSet.noneOf(PersonalData.class);
        if (text.indexOf('@') > 0 && any(EMAIL, text, EmailValidator.getInstance()::isValid)) {
            found.add(PersonalData.EMAIL);
        }
        // With the country's number only: any other row of digits could be anything.
        if (PLUS_AND_DIGITS.matcher(text).find()
                && PHONES.findNumbers(text, ANY_REGION, Leniency.VALID, LONGEST)
                        .iterator()
                        .hasNext()) {
            found.add(PersonalData.PHONE);
        }
        if (any(IBAN, text, match -> IBANValidator.getInstance().isValid(match.replace(" ", "")))) {
            found.add(PersonalData.IBAN);
        }
        if (any(CARD, text, match -> CARDS.isValid(match.replaceAll("[ -]", "")))) {
            found.add(PersonalData.CARD);
        }
        if (any(IP, text, InetAddressValidator.getInstance()::isValid)) {
            found.add(PersonalData.IP);
        }
        if (TOKEN.matcher(text).find()) {
            found.add(PersonalData.SECRET);
        }
        return found;
    }

    private static final CreditCardValidator CARDS = new CreditCardValidator(CreditCardValidator.AMEX
            + CreditCardValidator.VISA
            + CreditCardValidator.MASTERCARD
            + CreditCardValidator.DISCOVER
            + CreditCardValidator.DINERS);

    private interface Check {
        boolean holds(String match);
    }

    private static boolean any(Pattern pattern, String text, Check check) {
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            if (check.holds(matcher.group())) {
                return true;
            }
        }
        return false;
    }
}
