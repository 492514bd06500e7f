package dev.espalier.api.project;

import java.util.List;
import java.util.Optional;

/** A page of projects. */
public record ProjectList(List<ProjectResource> projects, Optional<String> nextPageToken) {}
