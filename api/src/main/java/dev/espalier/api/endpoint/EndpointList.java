package dev.espalier.api.endpoint;

import dev.espalier.control.Endpoint;
import dev.espalier.control.request.Page;
import java.util.List;
import java.util.Optional;

/** A page of endpoints. */
public record EndpointList(List<EndpointResource> endpoints, Optional<String> nextPageToken) {

    static EndpointList of(Page<Endpoint> page) {
        return new EndpointList(page.items().stream().map(EndpointResource::of).toList(), page.nextToken());
    }
}
