package dev.espalier.sql;

/** A text that PostgreSQL's grammar refuses, or that is beyond what the parser can take. */
public final class SqlSyntaxException extends Exception {

    /** The grammar refuses the text (syntax_error). */
    static final String SYNTAX = "42601";

    /** Its bytes are no characters (character_not_in_repertoire). */
    static final String NO_TEXT = "22021";

    /** It is beyond what the parser can take (statement_too_complex). */
    static final String TOO_COMPLEX = "54001";

    private final String sqlState;
    private final int position;
    private final boolean ofTheText;

    /**
     * @param sqlState see {@link #sqlState()}
     * @param position see {@link #position()}
     */
    SqlSyntaxException(String sqlState, String message, int position) {
        super(message);
        this.sqlState = sqlState;
        this.position = position;
        this.ofTheText = true;
    }

    /** One that another attempt may not meet: time, the stack or the machine's memory ran out. */
    SqlSyntaxException(String message, Throwable cause) {
        super(message, cause);
        sqlState = TOO_COMPLEX;
        position = -1;
        ofTheText = false;
    }

    /** @return the same refusal with the stack of this call */
    SqlSyntaxException again() {
        return ofTheText
                ? new SqlSyntaxException(sqlState, String.valueOf(getMessage()), position)
                : new SqlSyntaxException(String.valueOf(getMessage()), this);
    }

    /** @return whether the text alone is the reason, so that it is refused whenever it comes */
    boolean isOfTheText() {
        return ofTheText;
    }

    /** @return PostgreSQL's code for it: syntax_error, or what keeps the grammar from reading the text */
    public String sqlState() {
        return sqlState;
    }

    /** @return the byte of the text at which the grammar stumbled, from 0; -1 if there is no such place */
    public int position() {
        return position;
    }
}
