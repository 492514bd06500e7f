package dev.espalier.control.metastore;

import dev.espalier.control.classifier.Finding;

/** A tag that a column could be given, if a person finds that it should. */
public record TagProposal(ColumnName column, String key, Finding finding) {

    public String value() {
        return finding.data().tagValue();
    }
}
