package dev.espalier.api.role;

import dev.espalier.control.Role;
import dev.espalier.control.request.Page;
import java.util.List;
import java.util.Optional;

/** A page of roles. */
public record RoleList(List<RoleResource> roles, Optional<String> nextPageToken) {

    static RoleList of(Page<Role> page) {
        return new RoleList(page.items().stream().map(RoleResource::of).toList(), page.nextToken());
    }
}
