package dev.espalier.control.admission;

/** A state of a database, and what was proved of it. */
public record ProvedState(Stamp stamp, Proof proof) {}
