package io.capataz.supervisor.console;

import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.Instants;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which jobs a list shows; the whole of it is in the address.
 *
 * @param show a group of states; {@code all} is none
 * @param search a part of a task's name
 * @param from when they were created at the earliest; empty: at any time
 * @param until before when they were created; empty: at any time
 * @param cursor where the page begins; empty: at the newest
 */
record JobSearch(
    String show,
    String search,
    String task,
    String host,
    String origin,
    String from,
    String until,
    String cursor) {

  /** The groups, as the buttons above the list name them. */
  private static final Map<String, List<String>> GROUPS =
      Map.of(
          "all", List.of(),
          "running", List.of("assigned", "running", "silent"),
          "waiting", List.of("held", "scheduled", "ready"),
          "failed", List.of("failed", "expired"),
          "succeeded", List.of("succeeded"),
          "canceled", List.of("canceled"));

  static JobSearch read(ApiInput input) {
    return new JobSearch(
        input.queryText("show").filter(GROUPS::containsKey).orElse("all"),
        input.queryText("search").map(String::strip).orElse(""),
        input.queryText("task").orElse(""),
        input.queryText("host").orElse(""),
        input.queryText("origin").orElse(""),
        input.queryText("from").orElse(""),
        input.queryText("until").orElse(""),
        input.queryText("cursor").orElse(""));
  }

  /** When the jobs of a list were created. */
  record Period(Moment from, Moment until) {}

  Optional<Period> period(Words words) {
    return Instants.read(from)
        .flatMap(
            first ->
                Instants.read(until)
                    .map(last -> new Period(words.moment(first), words.moment(last))));
  }

  List<String> states() {
    return GROUPS.getOrDefault(show, List.of());
  }

  public boolean isEmpty() {
    return show.equals("all")
        && search.isEmpty()
        && task.isEmpty()
        && host.isEmpty()
        && origin.isEmpty()
        && from.isEmpty()
        && until.isEmpty();
  }

  /** The address of a group's jobs that were created in a period. */
  static String between(String show, String from, String until) {
    return address(new JobSearch(show, "", "", "", "", from, until, ""));
  }

  /** The address of the same list with another group. */
  public String showing(String other) {
    return address(new JobSearch(other, search, task, host, origin, from, until, ""));
  }

  /** The address of the next page. */
  public String after(String next) {
    return address(new JobSearch(show, search, task, host, origin, from, until, next));
  }

  private static String address(JobSearch to) {
    var address = new StringBuilder("/console/jobs");
    add(address, "show", to.show.equals("all") ? "" : to.show);
    add(address, "search", to.search);
    add(address, "task", to.task);
    add(address, "host", to.host);
    add(address, "origin", to.origin);
    add(address, "from", to.from);
    add(address, "until", to.until);
    add(address, "cursor", to.cursor);
    return address.toString();
  }

  private static void add(StringBuilder address, String name, String value) {
    if (!value.isEmpty()) {
      address
          .append(address.indexOf("?") < 0 ? '?' : '&')
          .append(name)
          .append('=')
          .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
    }
  }
}
