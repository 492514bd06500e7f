package dev.espalier.api.scim;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import tools.jackson.databind.PropertyNamingStrategies.LowerCamelCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A page of a list.
 *
 * @param totalResults how many there are on all pages
 * @param startIndex number of the first on this one, counted from 1
 */
@JsonNaming(LowerCamelCaseStrategy.class)
public record ScimList(
        List<String> schemas,
        long totalResults,
        long startIndex,
        long itemsPerPage,
        @JsonProperty("Resources") List<Object> resources) {

    static ScimList of(List<Object> resources, long start, long total) {
        return new ScimList(
                List.of("urn:ietf:params:scim:api:messages:2.0:ListResponse"),
                total,
                start,
                resources.size(),
                resources);
    }
}
