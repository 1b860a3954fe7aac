package io.capataz.cli.schedule;

import io.capataz.cli.api.Api;
import io.capataz.cli.terminal.Columns;
import io.capataz.cli.terminal.ExitCode;
import io.capataz.cli.verb.Call;
import io.capataz.cli.verb.Group;
import io.capataz.cli.verb.Option;
import io.capataz.cli.verb.Verb;
import io.capataz.common.protocol.MessageJson;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code capataz schedule …}. */
public final class ScheduleVerbs {

  private static final Columns COLUMNS =
      Columns.named("/id")
          .with("ID", "/id")
          .with("STARTS", it -> text(it, "/name") + " " + text(it, "/target_name"))
          .with("WHEN", ScheduleVerbs::when)
          .with("NEXT", it -> it.hasNonNull("pause") ? "paused" : text(it, "/nextRunAt"))
          .with("DESCRIPTION", "/description");

  private static final Columns STARTS =
      Columns.named("/schedule_id")
          .with("AT", "/at")
          .with("STARTS", it -> text(it, "/name") + " " + text(it, "/target_name"))
          .with("STATE", "/came")
          .with("REASON", "/reason");

  private ScheduleVerbs() {}

  public static Group group() {
    return Group.of(
        "schedule",
        "What is started at certain times: list, pause, resume.",
        Verb.of("list", "Lists the schedules of what you may see.")
            .does(
                call -> {
                  call.printer().list(COLUMNS, call.api().all("/schedule", Integer.MAX_VALUE));
                  return ExitCode.OK;
                }),
        Verb.of("show", "Shows all there is of a schedule, with its recent starts.")
            .taking("ID")
            .does(
                call -> {
                  call.printer().whole(COLUMNS, call.api().get(path(call)));
                  return ExitCode.OK;
                }),
        Verb.of("next", "Prints the next instants of a schedule.")
            .taking("ID")
            .with(Option.of("count", "N", "so many; 10 if left out"))
            .does(ScheduleVerbs::next),
        pause(),
        Verb.of("resume", "Goes on from now; what was passed over is not caught up.")
            .taking("ID")
            .does(call -> changed(call, "/resume", MessageJson.mapper().createObjectNode())),
        Verb.of("skip", "Passes over one of the next instants.")
            .taking("ID", "INSTANT")
            .does(
                call ->
                    changed(
                        call,
                        "/skip",
                        MessageJson.mapper().createObjectNode().put("at", call.argument(1)))),
        Verb.of("remove", "Removes a schedule; what it has started goes on.")
            .taking("ID")
            .does(
                call -> {
                  var _ = call.api().send("DELETE", path(call), null);
                  return ExitCode.OK;
                }),
        starts("plan", "Lists what will be started within the next day."),
        starts("missed", "Lists what should have been started within the last day, and was not."));
  }

  private static Verb pause() {
    return Verb.of("pause", "Starts nothing until then, or until it is resumed.")
        .taking("ID")
        .with(
            Option.of("until", "INSTANT", "when it goes on by itself, as 2026-01-31T12:00:00Z"),
            Option.of("note", "TEXT", "why, for others"))
        .does(
            call -> {
              ObjectNode body = MessageJson.mapper().createObjectNode();
              call.option("until").ifPresent(it -> body.put("until", it));
              call.option("note").ifPresent(it -> body.put("note", it));
              return changed(call, "/pause", body);
            });
  }

  private static Verb starts(String name, String about) {
    return Verb.of(name, about)
        .does(
            call -> {
              call.printer()
                  .list(STARTS, call.api().get("/schedule/" + name).valueStream().toList());
              return ExitCode.OK;
            });
  }

  private static String path(Call call) {
    return "/schedule/" + Api.encoded(call.argument(0));
  }

  private static int changed(Call call, String what, JsonNode body) {
    call.printer().row(COLUMNS, call.api().send("PUT", path(call) + what, body));
    return ExitCode.OK;
  }

  private static int next(Call call) {
    String query = "/next?count=" + call.number("count", 1, 1_000, 10);
    call.printer()
        .list(
            Columns.named("").with("AT", ""),
            call.api().get(path(call) + query).valueStream().toList());
    return ExitCode.OK;
  }

  private static String when(JsonNode schedule) {
    if (schedule.hasNonNull("cron")) {
      return text(schedule, "/cron") + " " + text(schedule, "/zone");
    }
    return schedule.hasNonNull("every") ? "every " + text(schedule, "/every") + " s" : "once";
  }

  private static String text(JsonNode object, String pointer) {
    return Columns.text(object, pointer);
  }
}
