package dev.espalier.control.metastore;

/** A tag that a person has said a column is not to have. */
record Dismissed(ColumnName column, String key, String value) {}
