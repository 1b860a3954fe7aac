package io.capataz.supervisor.result;

import io.capataz.supervisor.web.ApiInput;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where the result of a job is asked for, and how: seed 004's synchronous mode. Each address names
 * the next one, until the job has ended or {@code limit} of them were tried. Of the caller's query
 * only what says something about the result goes on; a token never does.
 *
 * @param path the route
 * @param counter how many addresses came before this one
 * @param limit how many there may be
 * @param timeout how long each waits, in seconds
 * @param form what chooses the form of the result, as it was sent
 */
public record ResultAddress(String path, int counter, int limit, int timeout, String form) {

  private static final List<String> FORMS = List.of("result", "full", "output", "parse");

  private static final int LEAST_TIMEOUT = 10;
  private static final int MOST_TIMEOUT = (int) WaitPreference.LONGEST.toSeconds();
  private static final int USUAL = 10;
  private static final int MOST_LIMIT = 1_000;

  /** The first address, for the response to a run. */
  public static ResultAddress first(String path, ApiInput input) {
    return new ResultAddress(
        path,
        0,
        number(input, "limit").filter(n -> n >= 1 && n <= MOST_LIMIT).orElse(USUAL),
        number(input, "timeout").map(ResultAddress::bounded).orElse(USUAL),
        form(input));
  }

  /** The requested address. */
  public static ResultAddress read(String path, ApiInput input) {
    return new ResultAddress(
        path,
        number(input, "counter").orElse(0),
        number(input, "limit").filter(n -> n >= 1 && n <= MOST_LIMIT).orElse(USUAL),
        number(input, "timeout").map(ResultAddress::bounded).orElse(MOST_TIMEOUT),
        form(input));
  }

  /** The next address; empty after the last one. */
  public Optional<ResultAddress> next() {
    return counter >= limit
        ? Optional.empty()
        : Optional.of(new ResultAddress(path, counter + 1, limit, timeout, form));
  }

  public URI uri() {
    return URI.create(
        "%s?%scounter=%d&limit=%d&timeout=%d".formatted(path, form, counter, limit, timeout));
  }

  private static int bounded(int seconds) {
    return seconds > MOST_TIMEOUT ? MOST_TIMEOUT : Math.max(seconds, LEAST_TIMEOUT);
  }

  private static String form(ApiInput input) {
    return FORMS.stream()
        .flatMap(
            name ->
                input
                    .queryText(name)
                    .map(
                        value ->
                            value.isEmpty()
                                ? name + "&"
                                : name
                                    + "="
                                    + URLEncoder.encode(value, StandardCharsets.UTF_8)
                                    + "&")
                    .stream())
        .collect(Collectors.joining());
  }

  /** Anything but a number of a few digits is ignored, as in seed 004's system. */
  private static Optional<Integer> number(ApiInput input, String name) {
    return Stream.of(input.queryText(name))
        .flatMap(Optional::stream)
        .filter(text -> text.matches("\\d{1,6}"))
        .map(Integer::parseInt)
        .findFirst();
  }
}
