package dev.espalier.sql.grammar;

import dev.espalier.sql.grammar.Node.Block;
import dev.espalier.sql.grammar.Node.Local;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Splits a function that is one giant switch into many small ones. The JVM refuses methods over 64 KB and compiles none
 * over 8,000 bytes; a parser's automaton is far beyond both. Neighbouring arms become a function that takes the locals
 * they use and returns the state to go on with; a router calls them until the switch is left. Locals that arms write
 * travel back in globals of their own, which are read before anything else runs.
 */
final class SwitchSplitter {

    /** Arms are put together up to this many instructions. */
    private static final int GROUP_SIZE = 500;

    /** Entries of one jump table; more make a method that is too long again. */
    private static final int TABLE_SIZE = 300;

    /** Stand for locals that a function made here has beside those of the original. */
    private static final int STATE = -1;

    private static final int SCRATCH = -2;

    /** A function that holds the arms first to last, and the original's locals it uses and writes. */
    private record Group(int first, int last, int function, Set<Integer> used, Set<Integer> written) {}

    private final WasmModule module;
    private final int function;
    private final FunctionCode code;
    private final Switch parts;
    private final States states;
    private final int result;
    private final Set<Integer> used = new TreeSet<>();
    private final Map<Integer, Integer> globalOfLocal = new TreeMap<>();

    private SwitchSplitter(WasmModule module, int function, FunctionCode code, Switch parts) {
        this.module = module;
        this.function = function;
        this.code = code;
        this.parts = parts;
        states = new States(parts, code.root());
        List<Integer> results = module.typeOf(function).results();
        result = results.isEmpty() ? -1 : module.addGlobal(results.getFirst());
    }

    /** Replaces a function of the module by its parts. */
    static void split(WasmModule module, int function, FunctionCode code, Switch parts) {
        new SwitchSplitter(module, function, code, parts).split();
    }

    private void split() {
        Set<Integer> written = new TreeSet<>();
        for (int arm = 0; arm < parts.arms(); arm++) {
            addLocals(parts.arm(arm), used, written);
        }
        written.forEach(local ->
                globalOfLocal.put(local, module.addGlobal(code.locals().get(local))));
        List<Group> groups = groups();
        int router = addRouter(groups);
        int lookup = addLookup();
        replaceSwitch(router, lookup);
    }

    private static void addLocals(List<Node> nodes, Set<Integer> used, Set<Integer> written) {
        for (Node node : nodes) {
            if (node instanceof Block block) {
                addLocals(block.body, used, written);
                addLocals(block.otherwise, used, written);
            } else if (node instanceof Local local) {
                used.add(local.index());
                if (local.opcode() != Opcode.LOCAL_GET) {
                    written.add(local.index());
                }
            }
        }
    }

    private List<Group> groups() {
        List<Group> groups = new ArrayList<>();
        int first = 0;
        int size = 0;
        for (int arm = 0; arm < parts.arms(); arm++) {
            int next = Node.sizeOf(parts.arm(arm));
            if (size > 0 && size + next > GROUP_SIZE) {
                groups.add(addGroup(first, arm - 1));
                first = arm;
                size = 0;
            }
            size += next + 4;
        }
        groups.add(addGroup(first, parts.arms() - 1));
        return groups;
    }

    private Group addGroup(int first, int last) {
        Set<Integer> read = new TreeSet<>();
        Set<Integer> written = new TreeSet<>();
        Map<Block, Block> here = new IdentityHashMap<>();
        List<Block> blocks = new ArrayList<>();
        for (int arm = first; arm <= last; arm++) {
            addLocals(parts.arm(arm), read, written);
            Block block = Block.of(Opcode.BLOCK);
            blocks.add(block);
            here.put(parts.chain().get(arm), block);
        }
        Block exit = Block.of(Opcode.BLOCK);
        BranchRewriter rewriter =
                BranchRewriter.outside(states, new BranchRewriter.Frame(STATE, SCRATCH, exit, here), result);

        List<Block> targets = new ArrayList<>(blocks);
        targets.add(blocks.getFirst());
        blocks.getFirst()
                .body
                .addAll(List.of(
                        Node.get(STATE),
                        Node.constant(first),
                        Node.plain(Opcode.I32_SUBTRACT),
                        Node.brTable(targets)));
        for (int arm = first; arm <= last; arm++) {
            Block around = arm < last ? blocks.get(arm - first + 1) : exit;
            around.body.add(blocks.get(arm - first));
            around.body.addAll(rewriter.copy(parts.arm(arm)));
        }
        exit.body.add(Node.constant(last + 1));
        exit.body.add(Node.set(STATE));

        Block root = Block.of(Opcode.BLOCK);
        root.body.add(exit);
        saveToGlobals(root.body, written);
        root.body.add(Node.get(STATE));
        Map<Integer, Integer> renamed = parameters(read);
        renamed.put(SCRATCH, read.size() + 1);
        int index = module.addFunction(
                stateAnd(read), FunctionCode.encode(List.of(FunctionType.I32), root, renamed));
        return new Group(first, last, index, read, written);
    }

    /** Calls the groups until the state is no arm's, and returns it. */
    private int addRouter(List<Group> groups) {
        Block loop = Block.of(Opcode.LOOP);
        loop.body.add(dispatch(groups));
        loop.body.addAll(List.of(
                Node.get(STATE),
                Node.constant(states.left()),
                Node.plain(Opcode.I32_LESS_UNSIGNED),
                new Node.Branch(Opcode.BR_IF, List.of(loop))));
        Block root = Block.of(Opcode.BLOCK);
        root.body.add(loop);
        saveToGlobals(root.body, globalOfLocal.keySet());
        root.body.add(Node.get(STATE));
        return module.addFunction(stateAnd(used), FunctionCode.encode(List.of(), root, parameters(used)));
    }

    /** A binary search over the groups by their first arm. */
    private Node dispatch(List<Group> groups) {
        Block block = Block.of(Opcode.BLOCK);
        if (groups.size() == 1) {
            Group group = groups.getFirst();
            addCall(block.body, STATE, group.used(), group.function(), group.written());
            return block;
        }
        int middle = groups.size() / 2;
        Block when = Block.of(Opcode.IF);
        when.hasElse = true;
        when.body.add(dispatch(groups.subList(0, middle)));
        when.otherwise.add(dispatch(groups.subList(middle, groups.size())));
        block.body.addAll(List.of(
                Node.get(STATE),
                Node.constant(groups.get(middle).first()),
                Node.plain(Opcode.I32_LESS_UNSIGNED),
                when));
        return block;
    }

    /** Turns a value of the switch into its state, by tables that are short enough. */
    private int addLookup() {
        List<Block> targets = parts.targets();
        int values = targets.size() - 1;
        Block root = Block.of(Opcode.BLOCK);
        for (int start = 0; start < values; start += TABLE_SIZE) {
            int end = Math.min(values, start + TABLE_SIZE);
            Block when = Block.of(Opcode.IF);
            when.body.addAll(List.of(
                    Node.get(0),
                    Node.constant(start),
                    Node.plain(Opcode.I32_SUBTRACT),
                    Node.indexed(Opcode.CALL, addTable(targets.subList(start, end))),
                    Node.plain(Opcode.RETURN)));
            root.body.addAll(List.of(
                    Node.get(0), Node.constant(end), Node.plain(Opcode.I32_LESS_UNSIGNED), when));
        }
        root.body.add(Node.constant(states.of(targets.getLast())));
        return module.addFunction(stateAnd(Set.of()), FunctionCode.encode(List.of(), root, Map.of()));
    }

    private int addTable(List<Block> targets) {
        Map<Integer, Block> ways = new TreeMap<>();
        List<Block> entries = new ArrayList<>();
        for (Block target : targets) {
            entries.add(ways.computeIfAbsent(states.of(target), state -> Block.of(Opcode.BLOCK)));
        }
        entries.add(entries.getFirst());
        List<Node> inner = List.of(Node.get(0), Node.brTable(entries));
        for (Map.Entry<Integer, Block> way : ways.entrySet()) {
            way.getValue().body.addAll(inner);
            inner = List.of(way.getValue(), Node.constant(way.getKey()), Node.plain(Opcode.RETURN));
        }
        Block root = Block.of(Opcode.BLOCK);
        root.body.addAll(inner);
        root.body.add(Node.plain(Opcode.UNREACHABLE));
        return module.addFunction(stateAnd(Set.of()), FunctionCode.encode(List.of(), root, Map.of()));
    }

    /** What is left in the function itself: compute the value, look up the state, run the arms, go on where they say. */
    private void replaceSwitch(int router, int lookup) {
        int state = code.locals().size();
        int scratch = state + 1;
        Block selector = Block.of(Opcode.BLOCK);
        selector.body.addAll(BranchRewriter.within(
                        states, new BranchRewriter.Frame(state, scratch, selector, Map.of()))
                .copy(parts.selector()));
        selector.body.add(Node.indexed(Opcode.CALL, lookup));
        selector.body.add(Node.set(state));

        Block run = Block.of(Opcode.IF);
        addCall(run.body, state, used, router, globalOfLocal.keySet());
        Block outermost = parts.chain().getLast();
        List<Node> body = new ArrayList<>(List.of(
                selector,
                Node.get(state),
                Node.constant(states.left()),
                Node.plain(Opcode.I32_LESS_UNSIGNED),
                run));
        if (states.canReturn()) {
            Block back = Block.of(Opcode.IF);
            if (result >= 0) {
                back.body.add(Node.indexed(Opcode.GLOBAL_GET, result));
            }
            back.body.add(Node.plain(Opcode.RETURN));
            body.addAll(List.of(
                    Node.get(state), Node.constant(States.RETURN), Node.plain(Opcode.I32_EQ), back));
        }
        List<Block> exits = states.exits(outermost);
        exits.add(outermost);
        body.addAll(List.of(
                Node.get(state),
                Node.constant(states.left()),
                Node.plain(Opcode.I32_SUBTRACT),
                Node.brTable(exits)));
        outermost.body.clear();
        outermost.body.addAll(body);

        int parameters = module.typeOf(function).parameters().size();
        List<Integer> locals =
                new ArrayList<>(code.locals().subList(parameters, code.locals().size()));
        locals.addAll(List.of(FunctionType.I32, FunctionType.I32));
        module.replaceBody(function, FunctionCode.encode(locals, code.root(), Map.of()));
    }

    private void addCall(
            List<Node> out, int state, Collection<Integer> arguments, int callee, Collection<Integer> written) {
        out.add(Node.get(state));
        arguments.forEach(local -> out.add(Node.get(local)));
        out.add(Node.indexed(Opcode.CALL, callee));
        out.add(Node.set(state));
        for (int local : written) {
            out.add(Node.indexed(Opcode.GLOBAL_GET, globalOfLocal.get(local)));
            out.add(Node.set(local));
        }
    }

    private void saveToGlobals(List<Node> out, Collection<Integer> written) {
        for (int local : written) {
            out.add(Node.get(local));
            out.add(Node.indexed(Opcode.GLOBAL_SET, globalOfLocal.get(local)));
        }
    }

    /** Signature of the functions made here: state and locals in, next state out. */
    private FunctionType stateAnd(Set<Integer> locals) {
        List<Integer> parameters = new ArrayList<>(List.of(FunctionType.I32));
        locals.forEach(local -> parameters.add(code.locals().get(local)));
        return new FunctionType(List.copyOf(parameters), List.of(FunctionType.I32));
    }

    private static Map<Integer, Integer> parameters(Set<Integer> locals) {
        Map<Integer, Integer> renamed = new HashMap<>(Map.of(STATE, 0));
        for (int local : locals) {
            renamed.put(local, renamed.size());
        }
        return renamed;
    }
}
