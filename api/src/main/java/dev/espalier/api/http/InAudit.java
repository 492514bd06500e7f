package dev.espalier.api.http;

import java.util.Map;

/** An answer of which something stands in the audit. */
public interface InAudit {

    /** What stands there, beside what was asked. */
    Map<String, String> inAudit();
}
