package dev.espalier.control.admission;

/**
 * Tells two states of a database's catalogs apart.
 *
 * @param id which a state was given once, and all that came of it since have, copies of the database too
 * @param digest over what a proof looks at. States with one id that have the same digest are the same
 */
public record Stamp(String id, String digest) {}
