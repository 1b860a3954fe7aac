package io.capataz.cli.task;

import io.capataz.cli.api.Api;
import io.capataz.cli.api.Named;
import io.capataz.cli.job.JobVerbs;
import io.capataz.cli.terminal.Columns;
import io.capataz.cli.terminal.ExitCode;
import io.capataz.cli.terminal.Failure;
import io.capataz.cli.verb.Call;
import io.capataz.cli.verb.Group;
import io.capataz.cli.verb.Option;
import io.capataz.cli.verb.Verb;
import io.capataz.common.protocol.MessageJson;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code capataz task …}. */
public final class TaskVerbs {

  private static final Columns COLUMNS =
      Columns.named("/name")
          .with("ID", "/id")
          .with("NAME", "/name")
          .with("TYPE", "/type")
          .with("ENABLED", "/enable")
          .with("VERSION", "/version")
          .with("UPDATED", "/last_update");

  private static final int LOWEST = -100;
  private static final int HIGHEST = 100;

  private TaskVerbs() {}

  public static Group group() {
    return Group.of(
        "task",
        "What can be run: list, show, run.",
        Verb.of("list", "Lists the tasks that you may see.")
            .with(
                Option.of("tag", "TAG", "those with a tag"),
                Option.of("limit", "N", "at most so many"))
            .does(TaskVerbs::list),
        Verb.of("show", "Shows all there is of a task.")
            .taking("NAME")
            .does(
                call -> {
                  call.printer().whole(COLUMNS, Named.TASK.one(call.api(), call.argument(0)));
                  return ExitCode.OK;
                }),
        run(),
        Verb.of("enable", "Lets a task run again.").taking("NAME").does(enable(true)),
        Verb.of("disable", "Refuses runs of a task; jobs that exist go on.")
            .taking("NAME")
            .does(enable(false)));
  }

  private static Verb run() {
    return Verb.of(
            "run",
            "Runs a task: creates a job and prints it.",
            "With --wait or --follow it ends with the exit code of the script: 124 after a timeout,"
                + " 128 and its number after a signal, 125 if the job did not succeed and no script"
                + " has ended with a code.")
        .taking("NAME", "[VALUE...]")
        .with(RunArguments.OPTIONS.toArray(Option[]::new))
        .with(
            Option.bare("wait", "wait for its end"),
            Option.bare("follow", "wait, and print what the script prints").letter("f"),
            Option.of("priority", "N", "from -100 to 100; higher runs first"),
            Option.of("not-before", "INSTANT", "not to start before, as 2026-01-31T12:00:00Z"),
            Option.of("start-by", "INSTANT", "to expire if it has not started by then"),
            Option.bare("hold", "to be held until it is released"),
            Option.of("idempotency-key", "TEXT", "the same key within a day makes the same job"))
        .example("capataz task run backup --arg day=monday --wait")
        .example("capataz task run deploy --arg-env password=DEPLOY_PASSWORD --follow")
        .does(TaskVerbs::run);
  }

  private static int list(Call call) {
    String query =
        call.option("tag").map(tag -> "/task?tags=" + Api.encoded(tag)).orElse("/task?sort=name");
    int most = call.number("limit", 1, Integer.MAX_VALUE, Integer.MAX_VALUE);
    call.printer().list(COLUMNS, call.api().all(query, most));
    return ExitCode.OK;
  }

  private static int run(Call call) {
    if (call.has("wait") && call.has("hold")) {
      throw Failure.usage("A held job does not end by itself: leave out --wait or --hold.");
    }
    Api api = call.api();
    JsonNode task = Named.TASK.one(api, call.argument(0));
    ObjectNode body = MessageJson.mapper().createObjectNode();
    RunArguments.of(call, task.path("task_arguments"), 1)
        .ifPresent(values -> body.set("task_arguments", values));
    call.option("priority")
        .ifPresent(_ -> body.put("priority", call.number("priority", LOWEST, HIGHEST, 0)));
    call.option("not-before").ifPresent(instant -> body.put("not_before", instant));
    call.option("start-by").ifPresent(instant -> body.put("start_by", instant));
    if (call.has("hold")) {
      body.put("hold", true);
    }
    return JobVerbs.followUp(
        call,
        api,
        api.sendOnce(Named.TASK.at(task.path("id").asString("")) + "/job", body, key(call)));
  }

  /** One that nobody else has, so that a call whose answer was lost can be repeated. */
  public static String key(Call call) {
    return call.option("idempotency-key").orElseGet(() -> UUID.randomUUID().toString());
  }

  private static Verb.Body enable(boolean enable) {
    return call -> {
      Api api = call.api();
      JsonNode task = Named.TASK.one(api, call.argument(0));
      ObjectNode body = MessageJson.mapper().createObjectNode().put("enable", enable);
      call.printer()
          .row(COLUMNS, api.send("PATCH", Named.TASK.at(task.path("id").asString("")), body));
      return ExitCode.OK;
    };
  }
}
