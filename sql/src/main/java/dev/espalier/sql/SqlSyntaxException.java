package dev.espalier.sql;

/** A text that PostgreSQL's grammar refuses, or that is beyond what the parser can take. */
public final class SqlSyntaxException extends Exception {

    private final int position;

    /** @param position see {@link #position()} */
    SqlSyntaxException(String message, int position) {
        super(message);
        this.position = position;
    }

    SqlSyntaxException(String message, Throwable cause) {
        super(message, cause);
        position = -1;
    }

    /** @return the same refusal with the stack of this call */
    SqlSyntaxException again() {
        return new SqlSyntaxException(String.valueOf(getMessage()), position);
    }

    /** @return the byte of the text at which the grammar stumbled, from 0; -1 if there is no such place */
    public int position() {
        return position;
    }
}
