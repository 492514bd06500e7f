package dev.espalier.sql.grammar;

import dev.espalier.sql.grammar.Node.Block;
import dev.espalier.sql.grammar.Node.Branch;
import dev.espalier.sql.grammar.Node.Local;
import dev.espalier.sql.grammar.Node.Plain;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Copies code into another function. A branch whose target came along stays a branch; every other one becomes "remember
 * the state, leave".
 */
final class BranchRewriter {

    /** Where the copy lives: the locals it may use, and how it is left. */
    record Frame(int state, int scratch, Block exit, Map<Block, Block> here) {}

    private final States states;
    private final Frame frame;
    /** Global that carries the function's result out; negative when it has none or the copy may return itself. */
    private final int result;

    private final boolean mayReturn;
    private final Map<Block, Block> copies = new IdentityHashMap<>();

    private BranchRewriter(States states, Frame frame, int result, boolean mayReturn) {
        this.states = states;
        this.frame = frame;
        this.result = result;
        this.mayReturn = mayReturn;
        copies.putAll(frame.here());
    }

    /** A copy that stays in the function it came from. */
    static BranchRewriter within(States states, Frame frame) {
        return new BranchRewriter(states, frame, -1, true);
    }

    /** A copy that moves to a function of its own. */
    static BranchRewriter outside(States states, Frame frame, int result) {
        return new BranchRewriter(states, frame, result, false);
    }

    List<Node> copy(List<Node> nodes) {
        List<Node> out = new ArrayList<>();
        for (Node node : nodes) {
            switch (node) {
                case Block block -> out.add(copy(block));
                case Local local -> out.add(local);
                case Branch branch -> addBranch(out, branch);
                case Plain plain when plain.opcode() == Opcode.RETURN && !mayReturn -> addReturn(out);
                case Plain plain -> out.add(plain);
            }
        }
        return out;
    }

    private Block copy(Block block) {
        Block copy = new Block(block.opcode, block.type);
        copies.put(block, copy);
        copy.body.addAll(copy(block.body));
        copy.hasElse = block.hasElse;
        copy.otherwise.addAll(copy(block.otherwise));
        return copy;
    }

    private void addReturn(List<Node> out) {
        if (result >= 0) {
            out.add(Node.indexed(Opcode.GLOBAL_SET, result));
        }
        addLeave(out, states.ofReturn());
    }

    private void addLeave(List<Node> out, int state) {
        out.add(Node.constant(state));
        out.add(Node.set(frame.state()));
        out.add(Node.br(frame.exit()));
    }

    private void addBranch(List<Node> out, Branch branch) {
        if (branch.opcode() == Opcode.BR_TABLE) {
            addTable(out, branch.targets());
            return;
        }
        Block target = branch.targets().getFirst();
        Block copy = copies.get(target);
        if (copy != null) {
            out.add(new Branch(branch.opcode(), List.of(copy)));
        } else if (result >= 0 && states.isFunction(target)) {
            throw new IllegalStateException("a branch that returns a value is not written by the compilers we know");
        } else if (branch.opcode() == Opcode.BR_IF) {
            Block when = Block.of(Opcode.IF);
            addLeave(when.body, states.of(target));
            out.add(when);
        } else {
            addLeave(out, states.of(target));
        }
    }

    /** Targets that did not come along get a block each, behind which the state is remembered. */
    private void addTable(List<Node> out, List<Block> targets) {
        Map<Integer, Block> leaving = new LinkedHashMap<>();
        List<Block> copied = targets.stream()
                .map(target -> copies.containsKey(target)
                        ? copies.get(target)
                        : leaving.computeIfAbsent(states.of(target), state -> Block.of(Opcode.BLOCK)))
                .toList();
        List<Node> inner = new ArrayList<>(List.of(Node.brTable(copied)));
        if (!leaving.isEmpty()) {
            out.add(Node.set(frame.scratch()));
            inner.addFirst(Node.get(frame.scratch()));
        }
        for (Map.Entry<Integer, Block> way : leaving.entrySet()) {
            way.getValue().body.addAll(inner);
            inner = new ArrayList<>(List.of(way.getValue()));
            addLeave(inner, way.getKey());
        }
        out.addAll(inner);
    }
}
