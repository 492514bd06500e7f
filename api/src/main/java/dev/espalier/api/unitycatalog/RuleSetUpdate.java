package dev.espalier.api.unitycatalog;

import java.util.Optional;

/** A rule set to be in a governed tag's place. */
public record RuleSetUpdate(Optional<String> name, Optional<RuleSetBody> ruleSet) {}
