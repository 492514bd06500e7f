package dev.espalier.control.request;

import dev.espalier.control.request.ControlException.Code;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Where a list goes on: the creation time and uid of the last item shown, or by what else the list is in order, so that new
 * items do not move what follows, and that the item may be gone.
 */
public final class PageTokens {

    /** Where the next part begins: after the item that was made at this time and has this uid. */
    public record After(Instant time, String uid) {}

    private static final After BEGINNING = new After(Instant.EPOCH, "");

    private PageTokens() {}

    /** @throws ControlException if the token is not one that a list has given */
    public static After read(Optional<String> token) {
        if (token.isEmpty() || token.get().isEmpty()) {
            return BEGINNING;
        }
        try {
            String text = new String(Base64.getUrlDecoder().decode(token.get()), StandardCharsets.UTF_8);
            int space = text.indexOf(' ');
            return new After(Instant.parse(text.substring(0, space)), text.substring(space + 1));
        } catch (RuntimeException e) {
            throw ofAnotherList(e);
        }
    }

    /** The uid of a list whose items are numbered. */
    public static long number(After after) {
        try {
            return Long.parseLong(after.uid());
        } catch (NumberFormatException e) {
            throw ofAnotherList(e);
        }
    }

    private static ControlException ofAnotherList(RuntimeException e) {
        return new ControlException(
                Code.INVALID_PARAMETER_VALUE,
                "page_token was not given by this list. Pass on next_page_token unchanged, or leave it out.",
                e);
    }

    /** Cuts a list that was read with one item more than the page holds. */
    public static <T> Page<T> page(List<T> items, int size, Function<T, After> position) {
        if (items.size() <= size) {
            return new Page<>(items, Optional.empty());
        }
        List<T> shown = List.copyOf(items.subList(0, size));
        After last = position.apply(shown.getLast());
        String token = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString((last.time() + " " + last.uid()).getBytes(StandardCharsets.UTF_8));
        return new Page<>(shown, Optional.of(token));
    }

    /** @throws ControlException if the size is not possible */
    public static int size(int requested) {
        if (requested < 0 || requested > Page.LARGEST) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "page_size " + requested + " is not possible. Choose 1 to " + Page.LARGEST + ".");
        }
        return requested == 0 ? Page.LARGEST : requested;
    }
}
