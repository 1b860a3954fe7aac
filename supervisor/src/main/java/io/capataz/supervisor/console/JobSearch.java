package io.capataz.supervisor.console;

import io.capataz.supervisor.web.ApiInput;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Which jobs a list shows; the whole of it is in the address.
 *
 * @param show a group of states; {@code all} is none
 * @param search a part of a task's name
 * @param cursor where the page begins; empty: at the newest
 */
record JobSearch(
    String show, String search, String task, String host, String origin, String cursor) {

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
        input.queryText("cursor").orElse(""));
  }

  List<String> states() {
    return GROUPS.getOrDefault(show, List.of());
  }

  public boolean isEmpty() {
    return show.equals("all")
        && search.isEmpty()
        && task.isEmpty()
        && host.isEmpty()
        && origin.isEmpty();
  }

  /** The address of the same list with another group. */
  public String showing(String other) {
    return address(new JobSearch(other, search, task, host, origin, ""));
  }

  /** The address of the next page. */
  public String after(String next) {
    return address(new JobSearch(show, search, task, host, origin, next));
  }

  private static String address(JobSearch to) {
    var address = new StringBuilder("/console/jobs");
    add(address, "show", to.show.equals("all") ? "" : to.show);
    add(address, "search", to.search);
    add(address, "task", to.task);
    add(address, "host", to.host);
    add(address, "origin", to.origin);
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
