/**
 * The statements of governance, in Databricks' syntax: what they are once they are read. They are no SQL of PostgreSQL's, which is
 * why its grammar does not read them.
 */
package dev.espalier.governance.statement;
