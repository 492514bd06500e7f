package dev.espalier.demo;

/**
 * An employee of Acme.
 *
 * @param displayName first and last name, with diacritics
 * @param login name of the User entity, such as {@code olga-tanaka}
 * @param email such as {@code olga.tanaka@acme.example}
 * @param phone in the fictitious 555 range, such as {@code +46-70-555-1040}
 */
record Person(String displayName, String login, String email, String phone) {}
