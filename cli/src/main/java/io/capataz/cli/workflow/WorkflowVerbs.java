package io.capataz.cli.workflow;

import io.capataz.cli.api.Api;
import io.capataz.cli.api.Named;
import io.capataz.cli.job.JobVerbs;
import io.capataz.cli.task.RunArguments;
import io.capataz.cli.task.TaskVerbs;
import io.capataz.cli.terminal.Columns;
import io.capataz.cli.terminal.ExitCode;
import io.capataz.cli.verb.Call;
import io.capataz.cli.verb.Group;
import io.capataz.cli.verb.Option;
import io.capataz.cli.verb.Verb;
import io.capataz.common.protocol.MessageJson;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code capataz workflow …}. */
public final class WorkflowVerbs {

  private static final Columns COLUMNS =
      Columns.named("/name")
          .with("ID", "/id")
          .with("NAME", "/name")
          .with("VERSION", "/version")
          .with("UPDATED", "/last_update");

  private static final Columns RUNS =
      Columns.named("/id")
          .with("ID", "/id")
          .with("WORKFLOW", "/name")
          .with("STATE", "/state")
          .with("CREATED", "/creation_date")
          .with("ENDED", "/ended");

  private static final Columns WAITS =
      Columns.named("/job_id")
          .with("STEP", "/step")
          .with("JOB", "/job_id")
          .with("STATE", "/state")
          .with("WHY", "/why/message");

  private WorkflowVerbs() {}

  public static Group group() {
    return Group.of(
        "workflow",
        "Graphs of tasks: list, run, and what their runs do.",
        Verb.of("list", "Lists the workflows that you may see.")
            .does(
                call -> {
                  call.printer().list(COLUMNS, call.api().all("/workflows", Integer.MAX_VALUE));
                  return ExitCode.OK;
                }),
        Verb.of("show", "Shows all there is of a workflow.")
            .taking("NAME")
            .does(
                call -> {
                  call.printer().whole(COLUMNS, Named.WORKFLOW.one(call.api(), call.argument(0)));
                  return ExitCode.OK;
                }),
        Verb.of(
                "run",
                "Runs a workflow and prints the run.",
                "With --wait it ends with 0 if the run succeeded, 124 if it timed out, else 125.")
            .taking("NAME", "[VALUE...]")
            .with(RunArguments.OPTIONS.toArray(Option[]::new))
            .with(
                Option.bare("wait", "wait for its end"),
                Option.of(
                    "idempotency-key", "TEXT", "the same key within a day makes the same run"))
            .example("capataz workflow run release --arg version=1.2 --wait")
            .does(WorkflowVerbs::run),
        Verb.of("runs", "Lists the runs of a workflow, newest first.")
            .taking("NAME")
            .with(Option.of("limit", "N", "at most so many; 50 if left out"))
            .does(WorkflowVerbs::runs),
        ofRun("jobs", "Lists the jobs of a run.", JobVerbs.COLUMNS, "/jobs"),
        ofRun("why", "Says which jobs a run waits for, and why they wait.", WAITS, "/why"),
        change("cancel", "Ends a run."),
        change("retry", "Tries the steps that have failed a run once more."));
  }

  private static Verb ofRun(String name, String about, Columns columns, String path) {
    return Verb.of(name, about)
        .taking("NAME", "RUN")
        .does(
            call -> {
              Api api = call.api();
              var rows = api.get(path(api, call, call.argument(1)) + path).valueStream().toList();
              call.printer().list(columns, rows);
              return ExitCode.OK;
            });
  }

  private static Verb change(String name, String about) {
    return Verb.of(name, about)
        .taking("NAME", "RUN")
        .does(
            call -> {
              Api api = call.api();
              String path = path(api, call, call.argument(1));
              call.printer().row(RUNS, api.send("PUT", path + "/" + name, null));
              return ExitCode.OK;
            });
  }

  private static String path(Api api, Call call, String run) {
    String id = Named.WORKFLOW.one(api, call.argument(0)).path("id").asString("");
    return Named.WORKFLOW.at(id) + "/job/" + Api.encoded(run);
  }

  private static int runs(Call call) {
    Api api = call.api();
    String id = Named.WORKFLOW.one(api, call.argument(0)).path("id").asString("");
    call.printer()
        .list(RUNS, api.all(Named.WORKFLOW.at(id) + "/job", call.number("limit", 1, 100_000, 50)));
    return ExitCode.OK;
  }

  private static int run(Call call) {
    Api api = call.api();
    JsonNode workflow = Named.WORKFLOW.one(api, call.argument(0));
    ObjectNode body = MessageJson.mapper().createObjectNode();
    RunArguments.of(call, workflow.at("/definition/task_arguments"), 1)
        .ifPresent(values -> body.set("task_arguments", values));
    String runs = Named.WORKFLOW.at(workflow.path("id").asString("")) + "/job";
    JsonNode run = api.sendOnce(runs, body, TaskVerbs.key(call));
    if (!call.has("wait")) {
      call.printer().row(RUNS, run);
      return ExitCode.OK;
    }
    call.terminal().say("Run %s was created; waiting for its end.".formatted(id(run)));
    JsonNode ended = ended(api, runs + "/" + id(run));
    call.printer().row(RUNS, ended);
    return exitCode(ended);
  }

  private static String id(JsonNode object) {
    return object.path("id").asString("");
  }

  /** Waits for the end of a run: each call waits for a while. */
  private static JsonNode ended(Api api, String path) {
    while (true) {
      var response =
          api.open("GET", api.own(path) + "/result?timeout=30", null, java.util.Map.of());
      if (response.statusCode() < 300) {
        return api.get(path);
      }
    }
  }

  private static int exitCode(JsonNode run) {
    return switch (run.path("state").asString("")) {
      case "success" -> ExitCode.OK;
      case "timeout" -> ExitCode.TIMED_OUT;
      default -> ExitCode.NOT_SUCCEEDED;
    };
  }
}
