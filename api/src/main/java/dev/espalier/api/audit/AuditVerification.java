package dev.espalier.api.audit;

import java.util.Optional;

/**
 * What a walk along the chain of audit rows has found.
 *
 * @param intact whether every row is there as it was written, and no other
 * @param rows how many are as they were written; where one is not, of those that were looked at before it
 * @param broken the first gap or edit
 */
public record AuditVerification(boolean intact, long rows, Optional<String> broken) {}
