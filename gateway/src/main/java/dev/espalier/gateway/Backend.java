package dev.espalier.gateway;

/** Types of the messages that a server sends (PostgreSQL's protocol.h). */
final class Backend {

    static final byte AUTHENTICATION = 'R';
    static final byte KEY_DATA = 'K';
    static final byte NEGOTIATE_VERSION = 'v';
    static final byte READY = 'Z';
    static final byte ERROR = 'E';
    static final byte NOTICE = 'N';
    static final byte NOTIFICATION = 'A';
    static final byte PARAMETER_STATUS = 'S';
    static final byte PARSE_COMPLETE = '1';
    static final byte BIND_COMPLETE = '2';
    static final byte CLOSE_COMPLETE = '3';
    static final byte ROW_DESCRIPTION = 'T';
    static final byte NO_DATA = 'n';
    static final byte DATA_ROW = 'D';
    static final byte COMMAND_COMPLETE = 'C';
    static final byte EMPTY_QUERY = 'I';
    static final byte PORTAL_SUSPENDED = 's';
    static final byte FUNCTION_RESULT = 'V';
    static final byte COPY_IN = 'G';
    static final byte COPY_DATA = 'd';

    /** What {@link #READY} says of the transaction: none is open. */
    static final byte IDLE = 'I';

    /** It has failed. */
    static final byte FAILED = 'E';

    private Backend() {}
}
