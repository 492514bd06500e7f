/**
 * Projects, branches, endpoints, roles and databases: what is asked of them, remembered of them and done for them. Read
 * {@link dev.espalier.control.ControlPlane} first, which has the services for each and puts them together.
 */
package dev.espalier.control;
