package dev.espalier.control.admission;

import dev.espalier.control.metastore.MaskFunctions;
import dev.espalier.identity.SignedStatements;

/**
 * What the control plane needs to govern databases.
 *
 * @param admission brings a database under rules and proves it
 * @param masking masks what mirrors take
 * @param functions that policies may use
 * @param statements signs what was proved
 */
public record Governance(Admission admission, Masking masking, MaskFunctions functions, SignedStatements statements) {}
