/**
 * What must be proved of a database before anybody may work on it. Governance implements
 * {@link dev.espalier.control.admission.Admission} and {@link dev.espalier.control.admission.Masking}; the records say what it found.
 */
package dev.espalier.control.admission;
