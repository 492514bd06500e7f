package dev.espalier.control.classifier;

import java.util.Locale;

/** What a column can hold of people. */
public enum PersonalData {
    EMAIL,
    PHONE,
    /** Of a person. */
    NAME,
    /** Where somebody lives, or a part of it. */
    ADDRESS,
    BIRTH_DATE,
    /** What a state has numbered somebody with. */
    NATIONAL_ID,
    IBAN,
    CARD,
    IP,
    /** A password, a token, a key. */
    SECRET;

    /** As the value of a tag. */
    public String tagValue() {
        return name().toLowerCase(Locale.ROOT);
    }
}
