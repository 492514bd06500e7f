package dev.espalier.sql.grammar;

import dev.espalier.sql.grammar.Node.Block;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The numbers that say where a split function goes on: an arm of the switch, out of the switch, another block of the
 * function, or back to the caller.
 */
final class States {

    /** The function returns. */
    static final int RETURN = 1 << 20;

    private final Map<Block, Integer> chain = new IdentityHashMap<>();
    private final List<Block> outer = new ArrayList<>();
    private final Block function;
    private final int left;
    private boolean returns;

    States(Switch parts, Block function) {
        this.function = function;
        left = parts.arms();
        for (int i = 0; i <= left; i++) {
            chain.put(parts.chain().get(i), i);
        }
    }

    /** @return the state that stands for a branch to this block */
    int of(Block target) {
        Integer arm = chain.get(target);
        if (arm != null) {
            return arm;
        }
        if (target == function) {
            returns = true;
            return RETURN;
        }
        if (!outer.contains(target)) {
            outer.add(target);
        }
        return left + 1 + outer.indexOf(target);
    }

    int ofReturn() {
        returns = true;
        return RETURN;
    }

    /** @return the first state that is no arm: the switch is left */
    int left() {
        return left;
    }

    boolean canReturn() {
        return returns;
    }

    /** @return targets of the states from {@link #left()} on */
    List<Block> exits(Block afterSwitch) {
        List<Block> exits = new ArrayList<>(List.of(afterSwitch));
        exits.addAll(outer);
        return exits;
    }

    boolean isFunction(Block target) {
        return target == function;
    }
}
