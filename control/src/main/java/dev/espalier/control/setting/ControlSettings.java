package dev.espalier.control.setting;

import java.time.Duration;
import java.util.List;

/**
 * What an operator may set.
 *
 * @param preloadLibraries libraries that PostgreSQL loads at its start
 * @param undeleteWindow how long what was deleted can be brought back
 * @param snapshotBytes log after which a branch that is written gets another snapshot
 * @param callRetention how long calls of the API are remembered
 */
public record ControlSettings(
        List<String> preloadLibraries, Duration undeleteWindow, long snapshotBytes, Duration callRetention) {}
