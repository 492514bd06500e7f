package dev.espalier.journal;

import java.time.LocalDate;

/**
 * What many statements of one session have in common: a row of {@code journal.origin}, by whose number they refer to it.
 *
 * @param day on which they began; days are dropped as a whole
 * @param attribution who, through what, on what
 * @param database the database's name
 * @param role that PostgreSQL checked their rights for
 */
record Origin(LocalDate day, Attribution attribution, String database, String role) {

    static Origin of(StatementEvent event) {
        return new Origin(Partitions.day(event.time()), event.attribution(), event.database(), event.role());
    }
}
