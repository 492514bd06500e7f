package dev.espalier.sql.grammar;

import dev.espalier.sql.grammar.Node.Block;
import dev.espalier.sql.grammar.Node.Branch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A C switch as a compiler writes it in WebAssembly: blocks nested around a jump table, so that leaving the block of a
 * number goes on with the code of that number.
 *
 * @param chain the blocks, innermost first. What follows {@code chain[i]} inside {@code chain[i + 1]} is arm i; leaving the
 *     last block leaves the switch
 */
record Switch(List<Block> chain) {

    /** @return the switch with most targets in a function, if it has one */
    static Optional<Switch> largestIn(Block root) {
        Block innermost = largest(root, null);
        if (innermost == null) {
            return Optional.empty();
        }
        List<Block> chain = new ArrayList<>(List.of(innermost));
        Block block = innermost;
        while (continuesIn(block.parent, block)) {
            block = block.parent;
            chain.add(block);
        }
        return Optional.of(new Switch(chain));
    }

    private static Block largest(Block block, Block best) {
        Block found = best;
        if (isSwitch(block) && (found == null || targets(block) > targets(found))) {
            found = block;
        }
        for (List<Node> nodes : List.of(block.body, block.otherwise)) {
            for (Node node : nodes) {
                if (node instanceof Block inner) {
                    found = largest(inner, found);
                }
            }
        }
        return found;
    }

    private static boolean isSwitch(Block block) {
        return block.opcode == Opcode.BLOCK
                && block.takesAndLeavesNothing()
                && block.parent != null
                && !block.body.isEmpty()
                && block.body.getLast() instanceof Branch branch
                && branch.opcode() == Opcode.BR_TABLE;
    }

    /** The function's own block is no part of a chain: leaving it returns. */
    private static boolean continuesIn(Block outer, Block inner) {
        return outer.parent != null
                && outer.opcode == Opcode.BLOCK
                && outer.takesAndLeavesNothing()
                && outer.body.getFirst() == inner;
    }

    private static int targets(Block innermost) {
        return ((Branch) innermost.body.getLast()).targets().size();
    }

    /** @return where each value leads; the last is for every other value */
    List<Block> targets() {
        return ((Branch) chain.getFirst().body.getLast()).targets();
    }

    /** @return the code that computes the value */
    List<Node> selector() {
        List<Node> body = chain.getFirst().body;
        return body.subList(0, body.size() - 1);
    }

    int arms() {
        return chain.size() - 1;
    }

    List<Node> arm(int index) {
        List<Node> body = chain.get(index + 1).body;
        return body.subList(1, body.size());
    }
}
