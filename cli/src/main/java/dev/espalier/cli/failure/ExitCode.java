package dev.espalier.cli.failure;

/** What the command's exit code tells the caller. The numbers are part of the command's interface and never change. */
public enum ExitCode {
    OK(0, "the command did what it says"),
    OTHER(1, "anything that has no code of its own"),
    USAGE(2, "the command line is wrong"),
    NOT_FOUND(3, "a project, branch or other resource that was named does not exist"),
    CONFLICT(4, "it exists already, or its state forbids the call"),
    NOT_ALLOWED(5, "not signed in, or no right to do this"),
    UNREACHABLE(6, "the server does not answer; ./espalier up starts one"),
    OPERATION_FAILED(7, "the operation that the call began has failed, for no conflict");

    private final int number;
    private final String meaning;

    ExitCode(int number, String meaning) {
        this.number = number;
        this.meaning = meaning;
    }

    public int number() {
        return number;
    }

    /** One clause for the help text. */
    public String meaning() {
        return meaning;
    }
}
