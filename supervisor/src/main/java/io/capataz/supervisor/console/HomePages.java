package io.capataz.supervisor.console;

import io.capataz.supervisor.console.HostPages.HostRow;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Asks the API for what the first page shows: what needs attention, what runs, what waits. */
@Component
class HomePages {

  private static final Duration LATELY = Duration.ofHours(1);
  private static final int RUNNING = 10;
  private static final int GROUPS = 6;
  private static final int MOST = 1_000;

  private final ConsoleApi api;
  private final HostPages hosts;
  private final Words words;
  private final InstantSource clock;

  HomePages(ConsoleApi api, HostPages hosts, Words words, InstantSource clock) {
    this.api = api;
    this.hosts = hosts;
    this.words = words;
    this.clock = clock;
  }

  /**
   * The first page.
   *
   * @param counts jobs by state, and how many have ended lately
   * @param succeeded their share of those that ended lately
   * @param online how many hosts are
   */
  record Home(
      String title,
      Map<String, Integer> counts,
      String succeeded,
      List<JobRow> running,
      List<Waiting> waiting,
      List<Failure> failures,
      List<HostRow> hosts,
      int online) {}

  /** Jobs of a task that wait. */
  record Waiting(String task, String name, int count, String why) {}

  /** Jobs of a task that failed in the same way. */
  record Failure(JobRow newest, int count, String search) {}

  /** Whether nothing has been made here yet. */
  boolean isFirstVisit(String organization) {
    return api.get("/" + organization + "/task?limit=1&fields=id").body().isEmpty();
  }

  Home home(String organization) {
    var present = new ArrayList<JsonNode>();
    api.get("/" + organization + "/events").body().path("jobs").forEach(present::add);
    var counts = new LinkedHashMap<String, Integer>();
    present.forEach(job -> counts.merge(job.path("status").asString(""), 1, Integer::sum));
    var since = "&from=" + clock.instant().minus(LATELY);
    var failed = jobs(organization, "status=failed&status=expired&limit=100" + since);
    var succeeded = jobs(organization, "status=succeeded&fields=id&limit=" + MOST + since).size();
    counts.put("failed", failed.size());
    counts.put("succeeded", succeeded);
    var all = hosts.list(organization);
    return new Home(
        title(counts),
        counts,
        rate(succeeded, failed.size()),
        running(organization),
        waiting(organization, present),
        failures(failed),
        all,
        (int) all.stream().filter(host -> host.lamp().equals("online")).count());
  }

  private String title(Map<String, Integer> counts) {
    return words.say(
        "home.title",
        sum(counts, "assigned", "running", "silent"),
        sum(counts, "scheduled", "ready"),
        sum(counts, "held"));
  }

  private static int sum(Map<String, Integer> counts, String... states) {
    var sum = 0;
    for (var state : states) {
      sum += counts.getOrDefault(state, 0);
    }
    return sum;
  }

  private String rate(int succeeded, int failed) {
    return succeeded + failed == 0 ? "" : words.percent(succeeded / (double) (succeeded + failed));
  }

  private List<JobRow> running(String organization) {
    return jobs(organization, "status=running&status=assigned&status=silent&limit=" + RUNNING)
        .stream()
        .map(job -> JobRow.of(job, words))
        .toList();
  }

  /** The largest groups, each with why the first of it waits. */
  private List<Waiting> waiting(String organization, List<JsonNode> present) {
    var groups = new LinkedHashMap<String, List<JsonNode>>();
    present.stream()
        .filter(
            job -> List.of("held", "scheduled", "ready").contains(job.path("status").asString("")))
        .forEach(
            job ->
                groups
                    .computeIfAbsent(
                        job.path("task_id").asString("") + job.path("status").asString(""),
                        _ -> new ArrayList<>())
                    .add(job));
    return groups.values().stream()
        .sorted(Comparator.comparingInt((List<JsonNode> group) -> group.size()).reversed())
        .limit(GROUPS)
        .map(group -> waiting(organization, group.getFirst(), group.size()))
        .toList();
  }

  private Waiting waiting(String organization, JsonNode job, int count) {
    var why =
        api.send("GET", "/" + organization + "/job/" + job.path("id").asString("") + "/why", null);
    return new Waiting(
        job.path("task_id").asString(""),
        job.path("name").asString(""),
        count,
        why.body().path("why").path("message").asString(""));
  }

  private List<Failure> failures(List<JsonNode> failed) {
    var groups = new LinkedHashMap<String, List<JsonNode>>();
    failed.forEach(
        job ->
            groups
                .computeIfAbsent(
                    job.path("task_id").asString("") + job.path("outcome"), _ -> new ArrayList<>())
                .add(job));
    return groups.values().stream()
        .limit(GROUPS)
        .map(
            group ->
                new Failure(
                    JobRow.of(group.getFirst(), words),
                    group.size(),
                    URLEncoder.encode(
                        group.getFirst().path("task_id").asString(""), StandardCharsets.UTF_8)))
        .toList();
  }

  private List<JsonNode> jobs(String organization, String query) {
    var jobs = new ArrayList<JsonNode>();
    api.get("/" + organization + "/job?" + query).body().forEach(jobs::add);
    return jobs;
  }
}
