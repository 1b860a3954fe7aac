package io.capataz.supervisor.console;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Asks the API for what the pages of fleet runs show. */
@Component
class FleetPages {

  /** How many hosts fit on a page. */
  private static final int MOST_HOSTS = 500;

  private static final int MOST_FAILED = 100;

  /** The states of hosts that a number above the matrix counts. */
  private static final Map<String, List<String>> GROUPS = groups();

  private final ConsoleApi api;
  private final Words words;

  FleetPages(ConsoleApi api, Words words) {
    this.api = api;
    this.words = words;
  }

  /** The fleet runs that the reader may see. */
  record FleetList(List<FleetRow> rows, Paging paging) {}

  /**
   * A fleet run in a list.
   *
   * @param ended how many of its hosts have nothing more to do
   * @param took how long it took, or has taken; empty: it is not known
   */
  record FleetRow(
      String id,
      String taskId,
      String task,
      Badge badge,
      boolean isOver,
      int hosts,
      int ended,
      int failed,
      String by,
      @Nullable Moment created,
      String took) {

    public int percent() {
      return hosts == 0 ? 0 : (int) (100L * ended / hosts);
    }
  }

  /**
   * One fleet run.
   *
   * @param why what keeps it from going on; empty: nothing
   * @param show the group of states that is listed; empty: all, as a matrix
   * @param failed those that have failed, first on the page
   */
  record FleetPage(
      FleetRow row,
      String why,
      Offers offers,
      List<Tile> tiles,
      String show,
      List<FleetWave> waves,
      List<FleetHostRow> failed,
      Paging paging,
      Map<String, String> plan,
      List<Happened> history) {}

  /**
   * What may be done about it now, by whoever may run tasks.
   *
   * @param takesBudget whether it goes on with a larger failure budget only
   */
  record Offers(
      boolean pause,
      boolean resume,
      boolean takesBudget,
      boolean approve,
      boolean cancel,
      boolean retry) {}

  /** A number that leads to what it counts. */
  record Tile(String group, String state, String word, int count, String href, boolean isShown) {}

  /** A wave, with its hosts that are on this page. */
  record FleetWave(int number, String size, int hosts, String progress, List<FleetHostRow> shown) {}

  /**
   * A host of the run.
   *
   * @param job whose output it is; empty: it has not begun
   * @param reason why it is as it is; empty: nothing is to be said
   */
  record FleetHostRow(
      String id,
      String name,
      int wave,
      Badge badge,
      String job,
      String reason,
      int attempt,
      String took,
      boolean canRetry,
      boolean canSkip) {

    public String href() {
      return job.isEmpty() ? "/console/hosts/" + id : "/console/jobs/" + job;
    }
  }

  /** Something that happened to it. */
  record Happened(String what, String by, String detail, @Nullable Moment at) {}

  private static Map<String, List<String>> groups() {
    var groups = new LinkedHashMap<String, List<String>>();
    for (var state : List.of("succeeded", "running", "failed", "off", "to_come")) {
      groups.put(state, List.of(state));
    }
    groups.put("left_out", List.of("skipped", "canceled"));
    return groups;
  }

  FleetList list(String organization, String cursor) {
    var asked = Paging.address("/" + organization + "/fleet", Map.of("cursor", cursor));
    var answer = api.get(asked);
    return new FleetList(
        answer.body().valueStream().map(this::row).toList(),
        Paging.of("/console/fleet", Map.of(), cursor, answer));
  }

  private FleetRow row(JsonNode run) {
    var totals = run.path("totals");
    var hosts = run.path("hosts").asInt(0);
    var isOver = run.hasNonNull("ended");
    var open = at(totals, "to_come") + at(totals, "running") + at(totals, "off");
    return new FleetRow(
        run.path("id").asString(""),
        run.path("task_id").asString(""),
        run.path("task_name").asString(""),
        badge(run.path("state").asString("")),
        isOver,
        hosts,
        hosts - open,
        at(totals, "failed"),
        words.person(run.path("by").asString("")),
        words.moment(run.path("creation_date")),
        isOver
            ? words.between(run.path("creation_date"), run.path("ended"))
            : words.since(run.path("creation_date")));
  }

  private static int at(JsonNode totals, String state) {
    return totals.path(state).asInt(0);
  }

  private Badge badge(String state) {
    var looks =
        switch (state) {
          case "success" -> "succeeded";
          case "failure" -> "failed";
          case "canceled" -> "canceled";
          case "paused", "waiting" -> "held";
          default -> "running";
        };
    return new Badge(looks, words.say("fleet.state." + state), null);
  }

  /**
   * @param show the group of states that is listed; none of them: all hosts
   * @param cursor of the page of hosts; empty: the first
   */
  FleetPage one(String organization, String id, String show, String cursor) {
    var path = "/" + organization + "/fleet/" + id;
    var run = api.get(path).body();
    var shown = GROUPS.containsKey(show) ? show : "";
    var hosts = hosts(path, shown, MOST_HOSTS, cursor);
    var here = "/console/fleet/" + id;
    return new FleetPage(
        row(run),
        run.path("why").path("detail").asString(""),
        offers(run),
        tiles(run, here, shown),
        shown,
        waves(run, hosts),
        rows(hosts(path, "failed", MOST_FAILED, "")),
        Paging.of(here, Map.of("show", shown), cursor, hosts),
        plan(run),
        history(run));
  }

  private ApiAnswer hosts(String path, String group, int limit, String cursor) {
    var states =
        GROUPS.getOrDefault(group, List.of()).stream()
            .map(state -> "&state=" + state)
            .collect(Collectors.joining());
    var query = Map.of("cursor", cursor, "limit", String.valueOf(limit));
    return api.get(Paging.address(path + "/host", query) + states);
  }

  private static Offers offers(JsonNode run) {
    var state = run.path("state").asString("");
    var rule = run.path("why").path("rule").asString("");
    var isOpen = !run.hasNonNull("ended") && !state.equals("canceling");
    return new Offers(
        isOpen && !state.equals("paused"),
        state.equals("paused"),
        rule.equals("budget_spent"),
        rule.equals("approval"),
        isOpen,
        at(run.path("totals"), "failed") > 0 && !state.equals("canceling"));
  }

  private List<Tile> tiles(JsonNode run, String here, String shown) {
    return GROUPS.entrySet().stream()
        .map(
            group ->
                new Tile(
                    group.getKey(),
                    looks(group.getValue().getFirst()),
                    words.say("fleet.host." + group.getKey()),
                    group.getValue().stream().mapToInt(it -> at(run.path("totals"), it)).sum(),
                    here + "?show=" + group.getKey(),
                    group.getKey().equals(shown)))
        .toList();
  }

  /** The name of the glyph and the colour of a host's state. */
  private static String looks(String state) {
    return switch (state) {
      case "to_come" -> "ready";
      case "off" -> "offline";
      case "skipped" -> "canceled";
      default -> state;
    };
  }

  private List<FleetWave> waves(JsonNode run, ApiAnswer hosts) {
    var shown = rows(hosts).stream().collect(Collectors.groupingBy(FleetHostRow::wave));
    var waves = new ArrayList<FleetWave>();
    for (var wave : run.path("waves")) {
      var number = wave.path("wave").asInt(0);
      if (shown.containsKey(number)) {
        waves.add(
            new FleetWave(
                number,
                wave.path("size").asString(""),
                wave.path("hosts").asInt(0),
                progress(wave),
                shown.getOrDefault(number, List.of())));
      }
    }
    return waves;
  }

  private String progress(JsonNode wave) {
    var hosts = wave.path("hosts").asInt(0);
    var totals = wave.path("totals");
    return wave.path("begun").asBoolean(false)
        ? words.say("fleet.wave.progress", at(totals, "succeeded"), hosts)
        : words.say("fleet.wave.later");
  }

  private List<FleetHostRow> rows(ApiAnswer hosts) {
    return hosts.body().valueStream().map(this::hostRow).toList();
  }

  private FleetHostRow hostRow(JsonNode host) {
    var state = host.path("state").asString("to_come");
    return new FleetHostRow(
        host.path("host_id").asString(""),
        host.path("hostname").asString(""),
        host.path("wave").asInt(0),
        state.equals("running") && host.hasNonNull("job_status")
            ? words.badge(host.path("job_status").asString(""))
            : new Badge(looks(state), words.say("fleet.host." + state), null),
        host.path("job_id").asString(""),
        host.path("reason").asString(""),
        host.path("attempt").asInt(0),
        words.between(host.path("begun"), host.path("ended")),
        state.equals("failed"),
        state.equals("failed") || state.equals("to_come") || state.equals("off"));
  }

  private Map<String, String> plan(JsonNode run) {
    var plan = new LinkedHashMap<String, String>();
    plan.put(
        words.say("fleet.plan.hosts"),
        words.say("fleet.chosen." + run.path("chosen_by").asString("task"))
            + run.path("chosen").asString("").replaceFirst("^(?=.)", ": "));
    plan.put(
        words.say("fleet.plan.waves"),
        run.path("waves")
            .valueStream()
            .map(wave -> wave.path("size").asString(""))
            .collect(Collectors.joining(", ")));
    plan.put(words.say("fleet.plan.at_once"), run.path("at_once").asString(""));
    plan.put(words.say("fleet.plan.between"), words.seconds(run.path("between").asLong(0)));
    plan.put(
        words.say("fleet.plan.approval"),
        words.say("fleet.approval." + run.path("approval").asString("none")));
    plan.put(
        words.say("fleet.plan.off"), words.say("fleet.off." + run.path("off").asString("wait")));
    plan.put(words.say("fleet.plan.budget"), run.path("failure_budget").asString(""));
    plan.values().removeIf(String::isEmpty);
    return plan;
  }

  private List<Happened> history(JsonNode run) {
    var history = new ArrayList<Happened>();
    for (var note : run.path("history")) {
      history.addFirst(
          new Happened(
              words.say("fleet.happened." + note.path("what").asString("")),
              words.person(note.path("by").asString("")),
              note.path("detail").asString(""),
              words.moment(note.path("at"))));
    }
    return history;
  }
}
