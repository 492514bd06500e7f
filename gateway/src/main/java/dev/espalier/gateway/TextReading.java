package dev.espalier.gateway;

import io.netty.buffer.ByteBuf;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * How the server reads a session's texts, as it tells by ParameterStatus from the sign-in on: with other quotes or another
 * encoding than the grammar's, a text means something else to it.
 */
final class TextReading {

    /** Encodings in which the server takes the bytes as they are; in the others only ASCII means what the grammar reads. */
    private static final Set<String> PLAIN_ENCODINGS = Set.of("UTF8", "SQL_ASCII");

    private boolean standardStrings = true;
    private boolean plainEncoding = true;
    private Optional<Charset> otherEncoding = Optional.empty();

    /** Whether the server reads texts as the grammar does, as far as it has told: it tells with ReadyForQuery. */
    boolean isTheGrammars() {
        return standardStrings && plainEncoding;
    }

    /** Whether the server takes backslashes in plain strings for escapes, and reads all else as the grammar does; as far as it has told. */
    boolean isTheGrammarsWithEscapes() {
        return !standardStrings && plainEncoding;
    }

    /** Whether a text means the same however the server reads it. Backslashes and what is not ASCII are all that the two settings change the meaning of. */
    static boolean isPlain(byte[] sql) {
        for (byte b : sql) {
            if (b < 0 || b == '\\') {
                return false;
            }
        }
        return true;
    }

    /** Takes note of a ParameterStatus, whose body lies between the two. */
    void told(ByteBuf in, int at, int end) {
        int mark = in.indexOf(at, end, (byte) 0);
        int stop = mark < 0 ? -1 : in.indexOf(mark + 1, end, (byte) 0);
        if (stop < 0) {
            return;
        }
        String value = in.toString(mark + 1, stop - mark - 1, StandardCharsets.US_ASCII);
        switch (in.toString(at, mark - at, StandardCharsets.US_ASCII)) {
            case "standard_conforming_strings" -> standardStrings = value.equals("on");
            case "client_encoding" -> {
                String encoding = value.toUpperCase(Locale.ROOT);
                plainEncoding = PLAIN_ENCODINGS.contains(encoding);
                otherEncoding = plainEncoding ? Optional.empty() : ClientEncodings.charset(encoding);
            }
            default -> {}
        }
    }

    /**
     * A text for its record, in UTF-8: a byte of a character of several, which may be a backslash to whoever does not know the encoding,
     * is none then. What cannot be read in the encoding that the server has told is left as it is, and so is the text that the server gets.
     */
    byte[] inUtf8(byte[] sql) {
        return otherEncoding
                .flatMap(encoding -> ClientEncodings.inUtf8(sql, encoding))
                .orElse(sql);
    }
}
