package dev.espalier.api;

import dev.espalier.control.admission.Admission;
import dev.espalier.control.admission.Masking;
import dev.espalier.control.admission.Proof;
import dev.espalier.control.admission.Sight;
import dev.espalier.control.admission.Stamp;
import dev.espalier.control.metastore.MaskFunction;
import dev.espalier.control.metastore.Rules;
import dev.espalier.control.metastore.Subject;
import dev.espalier.control.request.ControlException;
import java.sql.Connection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stands for the compiler of rules: remembers which rules databases were brought under. */
final class RecordingAdmission implements Admission, Masking {

    final List<Rules> admitted = new CopyOnWriteArrayList<>();

    /** What it fails with, until it is taken away. */
    volatile Optional<String> failure = Optional.empty();

    static List<MaskFunction> functions() {
        return List.of(new MaskFunction(
                "redact",
                List.of(new MaskFunction.Parameter("value", "text")),
                false,
                "text",
                false,
                "Nothing of it."));
    }

    @Override
    public Proof admit(Connection session, Rules rules, Optional<Subject> maskedFor) {
        failure.ifPresent(why -> {
            throw new ControlException(ControlException.Code.INVALID_STATE, why);
        });
        admitted.add(rules);
        return new Proof(true, rules.epoch(), "f" + rules.epoch(), List.of("a check"), List.of(), List.of());
    }

    @Override
    public Optional<Stamp> stamp(Connection session) {
        return Optional.empty();
    }

    @Override
    public Remembered remember(Connection session, Rules rules) {
        return new Remembered(false, Optional.empty());
    }

    @Override
    public Optional<String> catalog(Connection session) {
        return Optional.empty();
    }

    @Override
    public Sight sight(Connection session, String principal) {
        return Sight.FREE;
    }

    @Override
    public Sight prepareRole(Connection session, String principal) {
        return Sight.FREE;
    }

    @Override
    public List<Taken> prepare(Connection source, Connection mirror, Rules rules, Subject subject) {
        throw new ControlException(ControlException.Code.INVALID_STATE, "nothing masks here");
    }

    @Override
    public void release(Connection session) {
        throw new ControlException(ControlException.Code.INVALID_STATE, "nothing masks here");
    }
}
