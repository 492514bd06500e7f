package dev.espalier.gateway;

/** Types of the messages that a client sends (PostgreSQL's protocol.h). */
final class Frontend {

    static final byte QUERY = 'Q';
    static final byte PARSE = 'P';
    static final byte BIND = 'B';
    static final byte DESCRIBE = 'D';
    static final byte EXECUTE = 'E';
    static final byte CLOSE = 'C';
    static final byte SYNC = 'S';
    static final byte FLUSH = 'H';
    static final byte COPY_DATA = 'd';
    static final byte COPY_DONE = 'c';
    static final byte COPY_FAIL = 'f';
    static final byte FUNCTION_CALL = 'F';
    static final byte PASSWORD = 'p';
    static final byte TERMINATE = 'X';

    private Frontend() {}
}
