package dev.espalier.sql.grammar;

import dev.espalier.sql.grammar.Node.Block;
import dev.espalier.sql.grammar.Node.Branch;
import dev.espalier.sql.grammar.Node.Local;
import dev.espalier.sql.grammar.Node.Plain;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The code of one function as a tree.
 *
 * @param locals value types of all locals, parameters first
 * @param root the whole code
 */
record FunctionCode(List<Integer> locals, Block root) {

    static FunctionCode decode(WasmModule module, int function) {
        List<Integer> locals = new ArrayList<>(module.typeOf(function).parameters());
        WasmReader in = new WasmReader(module.body(function));
        int groups = in.readUnsigned();
        for (int i = 0; i < groups; i++) {
            int count = in.readUnsigned();
            int type = in.readByte();
            for (int k = 0; k < count; k++) {
                locals.add(type);
            }
        }
        Block root = Block.of(Opcode.BLOCK);
        decode(in, root);
        return new FunctionCode(locals, root);
    }

    private static void decode(WasmReader in, Block root) {
        Block current = root;
        while (true) {
            int start = in.position();
            int opcode = in.readByte();
            List<Node> sequence = current.hasElse ? current.otherwise : current.body;
            switch (opcode) {
                case Opcode.BLOCK, Opcode.LOOP, Opcode.IF -> {
                    in.skipNumber();
                    Block block = new Block(opcode, in.bytesFrom(start + 1));
                    block.parent = current;
                    sequence.add(block);
                    current = block;
                }
                case Opcode.ELSE -> current.hasElse = true;
                case Opcode.END -> {
                    if (current == root) {
                        return;
                    }
                    current = current.parent;
                }
                case Opcode.BR, Opcode.BR_IF, Opcode.BR_TABLE -> {
                    int targets = opcode == Opcode.BR_TABLE ? in.readUnsigned() + 1 : 1;
                    Block from = current;
                    sequence.add(new Branch(
                            opcode,
                            IntStream.range(0, targets)
                                    .mapToObj(i -> from.outward(in.readUnsigned()))
                                    .toList()));
                }
                case Opcode.LOCAL_GET, Opcode.LOCAL_SET, Opcode.LOCAL_TEE ->
                    sequence.add(new Local(opcode, in.readUnsigned()));
                default -> {
                    Opcode.skipImmediates(in, opcode);
                    sequence.add(new Plain(in.bytesFrom(start)));
                }
            }
        }
    }

    /**
     * @param addedLocals value types of the locals that follow the parameters
     * @param renamed new indexes of the locals in the code; a local that is not in it keeps its own
     */
    static byte[] encode(List<Integer> addedLocals, Block root, Map<Integer, Integer> renamed) {
        WasmWriter out = new WasmWriter().writeUnsigned(addedLocals.size());
        addedLocals.forEach(type -> out.writeUnsigned(1).writeByte(type));
        encode(root.body, root, out, renamed);
        return out.writeByte(Opcode.END).toBytes();
    }

    private static void encode(List<Node> nodes, Block around, WasmWriter out, Map<Integer, Integer> renamed) {
        for (Node node : nodes) {
            switch (node) {
                case Block block -> {
                    block.parent = around;
                    out.writeByte(block.opcode).writeBytes(block.type);
                    encode(block.body, block, out, renamed);
                    if (block.hasElse) {
                        out.writeByte(Opcode.ELSE);
                        encode(block.otherwise, block, out, renamed);
                    }
                    out.writeByte(Opcode.END);
                }
                case Plain plain -> out.writeBytes(plain.encoded());
                case Local local ->
                    out.writeByte(local.opcode())
                            .writeUnsigned(renamed.getOrDefault(local.index(), local.index()));
                case Branch branch -> {
                    out.writeByte(branch.opcode());
                    if (branch.opcode() == Opcode.BR_TABLE) {
                        out.writeUnsigned(branch.targets().size() - 1);
                    }
                    branch.targets().forEach(target -> out.writeUnsigned(depth(around, target)));
                }
            }
        }
    }

    private static int depth(Block from, Block target) {
        int depth = 0;
        for (Block block = from; block != target; block = block.parent) {
            depth++;
        }
        return depth;
    }
}
