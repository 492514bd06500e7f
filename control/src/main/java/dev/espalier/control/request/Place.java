package dev.espalier.control.request;

import dev.espalier.journal.Resource;

/**
 * The project, branch and endpoint that something is about, each {@link Resource#NONE} where there is none. What has no row has a name
 * and no id.
 */
public record Place(Resource project, Resource branch, Resource endpoint) {

    /** Where it is about none. */
    public static final Place NONE = new Place(Resource.NONE, Resource.NONE, Resource.NONE);
}
