package dev.espalier.control.metastore;

import java.util.List;

/** The functions that policies may use in every database. */
@FunctionalInterface
public interface MaskFunctions {

    /** What their names begin with in a policy. */
    String PREFIX = "system.mask.";

    /** All of them. */
    List<MaskFunction> functions();
}
