/**
 * The catalog's rules, enforced by PostgreSQL itself in one database. Read {@link dev.espalier.governance.Governor} first, then
 * {@link dev.espalier.governance.Compiler}, which turns rules and a {@link dev.espalier.governance.Snapshot} of the database into
 * a {@link dev.espalier.governance.Frame}; the SQL beside the classes turns a frame's rows into views, policies and grants.
 */
package dev.espalier.governance;
