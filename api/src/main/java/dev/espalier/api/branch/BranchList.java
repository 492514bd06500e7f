package dev.espalier.api.branch;

import dev.espalier.control.Branch;
import dev.espalier.control.request.Page;
import java.util.List;
import java.util.Optional;

/** A page of branches. */
public record BranchList(List<BranchResource> branches, Optional<String> nextPageToken) {

    static BranchList of(Page<Branch> page) {
        return new BranchList(page.items().stream().map(BranchResource::of).toList(), page.nextToken());
    }
}
