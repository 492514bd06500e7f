package dev.espalier.control.metastore;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Says which rules the databases of a project are to be under. */
public interface RulesSource {

    /** The catalogs of a project whose databases are under rules, by name. */
    List<Catalog> governed(String projectUid);

    /** The rules of a catalog. */
    Rules of(Catalog catalog);

    /** Names of those whom one of the catalog's policies binds. */
    Set<String> bound(Catalog catalog);

    /** Whoever goes by the name in the project's rules; a group stands for one who is in it and in no other. */
    Optional<Subject> subject(String projectUid, String name);
}
