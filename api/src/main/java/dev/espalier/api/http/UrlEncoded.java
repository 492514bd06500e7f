package dev.espalier.api.http;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Reads query strings and forms: names and values, always in UTF-8, whatever a header says of the body. */
final class UrlEncoded {

    private UrlEncoded() {}

    /**
     * @return values by name; a name without value has an empty one
     * @throws ControlException if it is not encoded as it should be, holds a null character or a name twice
     */
    static Map<String, String> read(String text) {
        Map<String, String> values = new HashMap<>();
        for (String field : text.split("&")) {
            int equals = field.indexOf('=');
            String name = decode(equals < 0 ? field : field.substring(0, equals));
            String value = equals < 0 ? "" : decode(field.substring(equals + 1));
            if (values.put(name, value) != null) {
                throw refused(name + " is given twice. Give it once.");
            }
        }
        return values;
    }

    private static String decode(String text) {
        String decoded;
        try {
            decoded = URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw refused("\"" + text + "\" is not URL-encoded. Write % as %25.");
        }
        if (decoded.indexOf('\0') >= 0) {
            throw refused("\"" + text + "\" has a null character. Leave it out.");
        }
        return decoded;
    }

    private static ControlException refused(String message) {
        return new ControlException(Code.INVALID_PARAMETER_VALUE, message);
    }
}
