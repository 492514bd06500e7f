package dev.espalier.control;

import dev.espalier.control.Operations.EndUnknown;

/** Takes back what a piece of work has made that has failed. */
final class Undo {

    private Undo() {}

    /**
     * Takes all the steps, whatever becomes of each; what fails of them goes along with the failure. Takes none where the rows may
     * name what was made.
     *
     * @return the failure, to be thrown
     */
    static RuntimeException after(RuntimeException failure, Runnable... steps) {
        if (!(failure instanceof EndUnknown)) {
            for (Runnable step : steps) {
                try {
                    step.run();
                } catch (RuntimeException e) {
                    failure.addSuppressed(e);
                }
            }
        }
        return failure;
    }
}
