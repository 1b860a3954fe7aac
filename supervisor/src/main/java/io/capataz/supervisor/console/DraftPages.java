package io.capataz.supervisor.console;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Asks the API for what the pages of drafts show. */
@Component
class DraftPages {

  private final ConsoleApi api;
  private final Words words;

  DraftPages(ConsoleApi api, Words words) {
    this.api = api;
    this.words = words;
  }

  /** The drafts that the reader may see. */
  record DraftList(List<DraftRow> rows, Paging paging) {}

  /** A draft in a list. */
  record DraftRow(
      String id,
      String name,
      Badge badge,
      String state,
      String author,
      int version,
      @Nullable Moment created) {}

  /**
   * One draft.
   *
   * @param digest of the newest version: what is approved
   * @param runningJob that checks or tries it; empty: none
   * @param apiTask what it has become; empty: nothing yet
   * @param rejection why it was rejected; empty: it was not
   * @param difference of the newest version from the one before it, by file
   * @param hosts where it can be checked and tried, by id
   */
  record DraftPage(
      DraftRow row,
      String digest,
      String runningJob,
      String apiTask,
      String rejection,
      List<VersionRow> versions,
      Map<String, String> files,
      Map<String, String> difference,
      Map<String, String> hosts) {

    /** What may be done with it next: {@code check}, {@code trial}, {@code approve} or nothing. */
    public String next() {
      return !runningJob.isEmpty()
          ? ""
          : switch (row.state()) {
            case "draft" -> "check";
            case "checked" -> "trial";
            case "tried" -> "approve";
            default -> "";
          };
    }

    public boolean canReject() {
      return !row.state().equals("approved") && !row.state().equals("rejected");
    }
  }

  /**
   * What the model wrote at once.
   *
   * @param reports of its check and its trial
   */
  record VersionRow(
      int number, String sentence, String by, @Nullable Moment at, List<ReportRow> reports) {}

  /** What a check or a trial has found. */
  record ReportRow(Badge badge, String job, List<String> findings) {}

  DraftList list(String cursor) {
    var query = Map.of("limit", "50", "cursor", cursor);
    var answer = api.get(Paging.address("/draft", query));
    return new DraftList(
        answer.body().valueStream().map(this::row).toList(),
        Paging.of("/console/drafts", Map.of(), cursor, answer));
  }

  private DraftRow row(JsonNode draft) {
    var state = draft.path("state").asString("draft");
    return new DraftRow(
        draft.path("id").asString(""),
        draft.path("name").asString(""),
        new Badge(looks(state), words.say("drafts.state." + state), null),
        state,
        words.person(draft.path("author").asString("")),
        draft.path("version").asInt(1),
        words.moment(draft.path("creation_date")));
  }

  private static String looks(String state) {
    return switch (state) {
      case "checked" -> "assigned";
      case "tried" -> "held";
      case "approved" -> "succeeded";
      case "rejected" -> "failed";
      default -> "ready";
    };
  }

  DraftPage one(String organization, String id) {
    var draft = api.get("/draft/" + id).body();
    return new DraftPage(
        row(draft),
        draft.path("digest").asString(""),
        draft.path("running").path("job").asString(""),
        draft.path("approval").path("api_task").asString(""),
        draft.path("rejection").path("reason").asString(""),
        versions(draft),
        files(id),
        difference(id, draft.path("version").asInt(1)),
        hosts(organization));
  }

  private List<VersionRow> versions(JsonNode draft) {
    var versions = new ArrayList<VersionRow>();
    for (var version : draft.path("versions")) {
      var reports = new ArrayList<ReportRow>();
      for (var step : List.of("check", "trial")) {
        if (version.hasNonNull(step)) {
          reports.add(report(step, version.path(step)));
        }
      }
      versions.addFirst(
          new VersionRow(
              version.path("number").asInt(1),
              version.path("sentence").asString(""),
              words.person(version.path("by").asString("")),
              words.moment(version.path("at")),
              reports));
    }
    return versions;
  }

  private ReportRow report(String step, JsonNode report) {
    var passed = report.path("passed").asBoolean(false);
    return new ReportRow(
        new Badge(
            passed ? "succeeded" : "failed",
            words.say("drafts." + (passed ? "passed." : "found.") + step),
            null),
        report.path("job").asString(""),
        report.path("findings").valueStream().map(DraftPages::finding).toList());
  }

  private static String finding(JsonNode finding) {
    var file = finding.path("file").asString("");
    var line = finding.hasNonNull("line") ? ":" + finding.path("line").asString("") : "";
    return (file.isEmpty() ? "" : file + line + ": ") + finding.path("detail").asString("");
  }

  private Map<String, String> files(String id) {
    var files = new TreeMap<String, String>();
    for (var file : api.get("/draft/" + id + "/files").body().path("files")) {
      files.put(file.path("name").asString(""), file.path("content").asString(""));
    }
    return files;
  }

  private Map<String, String> difference(String id, int version) {
    var files = new TreeMap<String, String>();
    if (version > 1) {
      for (var file : api.get("/draft/" + id + "/diff").body().path("files")) {
        files.put(
            file.path("name").asString(""),
            file.path("lines")
                .valueStream()
                .map(line -> line.asString(""))
                .collect(Collectors.joining("\n")));
      }
    }
    return files;
  }

  private Map<String, String> hosts(String organization) {
    var hosts = new TreeMap<String, String>();
    var answer = api.send("GET", "/" + organization + "/host", null);
    if (answer.isSuccess()) {
      answer
          .body()
          .forEach(host -> hosts.put(host.path("id").asString(""), host.path("name").asString("")));
    }
    return hosts;
  }
}
