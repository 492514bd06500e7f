package dev.espalier.gateway;

import dev.espalier.gateway.Exchange.Bind;
import dev.espalier.gateway.Exchange.Close;
import dev.espalier.gateway.Exchange.Describe;
import dev.espalier.gateway.Exchange.EarlyCopy;
import dev.espalier.gateway.Exchange.Execute;
import dev.espalier.gateway.Exchange.Parse;
import dev.espalier.gateway.Exchange.Query;
import dev.espalier.gateway.Exchange.Sync;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/**
 * What the messages that the server has not answered yet may do to how it reads the text that comes behind them: a SET, or any
 * function, may change the settings, and the server tells with ReadyForQuery. Drivers send a BEGIN right before a statement.
 */
final class OnTheWay {

    /** More messages than these are not looked at for each text that comes behind them. */
    private static final int MOST = 64;

    private final PreparedNames names;

    /** What messages up to the next Sync have parsed and bound: where one of them fails, none behind it runs. */
    private final Map<String, SqlText> parsed = new HashMap<>();

    private final Set<String> bound = new HashSet<>();

    /** Parsed by messages before: who knows whether those failed. */
    private final Set<String> doubtful = new HashSet<>();

    private OnTheWay(PreparedNames names) {
        this.names = names;
    }

    /** In doubt they do not. */
    static boolean leavesReadingAsItIs(Collection<Exchange> waiting, PreparedNames names) {
        if (waiting.size() > MOST) {
            return false;
        }
        OnTheWay state = new OnTheWay(names);
        for (Exchange message : waiting) {
            if (!state.leavesReadingAsItIs(message)) {
                return false;
            }
        }
        return true;
    }

    /** Whether the server answers with ReadyForQuery at the end, without more from the client. */
    static boolean endsWithReady(ArrayDeque<Exchange> waiting) {
        Iterator<Exchange> latest = waiting.descendingIterator();
        while (latest.hasNext()) {
            Exchange message = latest.next();
            if (!(message instanceof EarlyCopy)) {
                return message instanceof Query || message instanceof Sync;
            }
        }
        return false;
    }

    private boolean leavesReadingAsItIs(Exchange message) {
        return switch (message) {
            case Parse parse -> {
                parsed.put(parse.name(), parse.text());
                yield true;
            }
            case Bind bind -> {
                bound.add(bind.portal());
                yield leavesReadingAsItIs(bind.statement());
            }
            case Execute execute -> bound.contains(execute.portal);
            case Query query -> {
                groupEnds();
                yield query.text.leavesReadingAsItIs();
            }
            case Sync _ -> {
                groupEnds();
                yield true;
            }
            case Describe _, Close _, EarlyCopy _ -> true;
        };
    }

    private boolean leavesReadingAsItIs(String statement) {
        SqlText text = parsed.get(statement);
        if (text == null && !doubtful.contains(statement)) {
            text = names.statement(statement);
        }
        return text != null && text.leavesReadingAsItIs();
    }

    private void groupEnds() {
        doubtful.addAll(parsed.keySet());
        parsed.clear();
        bound.clear();
    }
}
