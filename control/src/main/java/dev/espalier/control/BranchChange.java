package dev.espalier.control;

import dev.espalier.control.setting.Expiration;
import java.util.Optional;

/** What is to change of a branch; what is empty stays. */
public record BranchChange(Optional<Boolean> isProtected, Optional<Expiration> expiration) {}
