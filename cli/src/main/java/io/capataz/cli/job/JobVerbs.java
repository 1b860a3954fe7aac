package io.capataz.cli.job;

import io.capataz.cli.api.Api;
import io.capataz.cli.api.Named;
import io.capataz.cli.terminal.Columns;
import io.capataz.cli.terminal.ExitCode;
import io.capataz.cli.terminal.Failure;
import io.capataz.cli.terminal.Terminal;
import io.capataz.cli.verb.Call;
import io.capataz.cli.verb.Group;
import io.capataz.cli.verb.Option;
import io.capataz.cli.verb.Verb;
import io.capataz.common.protocol.MessageJson;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code capataz job …}. */
public final class JobVerbs {

  /** How jobs are listed. */
  public static final Columns COLUMNS =
      Columns.named("/id")
          .with("ID", "/id")
          .with("TASK", "/name")
          .with("STATUS", "/status")
          .with("EXIT", "/exit_code")
          .with("HOST", "/host/hostname")
          .with("CREATED", "/creation_date");

  private static final Columns WHY =
      Columns.named("/rule")
          .with("ID", "/id")
          .with("STATUS", "/status")
          .with("RULE", "/why/rule")
          .with("WHY", "/why/message")
          .with("WHAT FREES IT", "/why/freed_by");

  private static final Columns CANCEL =
      Columns.named("/id").with("ID", "/id").with("CANCEL", "/cancel");

  private JobVerbs() {}

  public static Group group() {
    List<Verb> verbs = new ArrayList<>(reading());
    verbs.addAll(changing());
    return new Group("job", "Runs of tasks: list, follow, cancel, and why one waits.", verbs);
  }

  private static List<Verb> reading() {
    return List.of(
        Verb.of("list", "Lists jobs, newest first.")
            .with(
                Option.of("task", "NAME", "those of a task"),
                Option.of("host", "NAME", "those of a host"),
                Option.of("status", "STATUS", "those in a state, such as running or failed")
                    .repeated(),
                Option.of("limit", "N", "at most so many; 50 if left out"))
            .example("capataz job list --status failed --limit 5")
            .does(JobVerbs::list),
        Verb.of("show", "Shows all there is of a job.").taking("ID").does(JobVerbs::show),
        Verb.of("logs", "Prints what the script of a job has printed, both streams in order.")
            .taking("ID")
            .with(Option.bare("follow", "go on until the job has ended").letter("f"))
            .example("capataz job logs -f 665f1c2e9b1d4a0007a3b9c1")
            .does(JobVerbs::logs),
        Verb.of("why", "Says why a job waits, and what would free it.")
            .taking("ID")
            .does(JobVerbs::why),
        Verb.of("wait", "Waits for the end of a job; ends with the exit code of its script.")
            .taking("ID")
            .with(Option.bare("follow", "print what the script prints"))
            .does(
                call -> {
                  Api api = call.api();
                  return finished(call, api, call.argument(0), call.has("follow"));
                }));
  }

  private static List<Verb> changing() {
    Option comment = Option.of("comment", "TEXT", "a word to go with it");
    return List.of(
        Verb.of("cancel", "Cancels jobs, before their start or while they run.")
            .taking("ID...")
            .with(Option.bare("force", "also if the host cannot be reached"))
            .does(JobVerbs::cancel),
        Verb.of("restart", "Runs the task of an ended job again, with the same arguments.")
            .taking("ID")
            .with(
                Option.bare("wait", "wait for its end"),
                Option.bare("follow", "wait, and print what the script prints"))
            .does(JobVerbs::restart),
        Verb.of("hold", "Holds jobs that no agent has claimed.").taking("ID...").does(put("hold")),
        Verb.of("release", "Releases held jobs.").taking("ID...").does(put("release")),
        Verb.of("approve", "Approves jobs that wait for you.")
            .taking("ID...")
            .with(comment)
            .does(put("approve")),
        Verb.of("reject", "Rejects jobs that wait for you.")
            .taking("ID...")
            .with(comment)
            .does(put("reject")));
  }

  private static String path(String id) {
    return "/job/" + Api.encoded(id);
  }

  private static int list(Call call) {
    Api api = call.api();
    StringBuilder query = new StringBuilder("/job?sort=-creation_date");
    call.option("task").ifPresent(it -> query.append("&task=").append(id(Named.TASK, api, it)));
    call.option("host").ifPresent(it -> query.append("&host=").append(id(Named.HOST, api, it)));
    call.all("status").forEach(it -> query.append("&status=").append(Api.encoded(it)));
    call.printer().list(COLUMNS, api.all(query.toString(), call.number("limit", 1, 100_000, 50)));
    return ExitCode.OK;
  }

  private static String id(Named kind, Api api, String word) {
    return kind.one(api, word).path("id").asString("");
  }

  private static int show(Call call) {
    call.printer().whole(COLUMNS, call.api().get(path(call.argument(0))));
    return ExitCode.OK;
  }

  private static int logs(Call call) {
    Api api = call.api();
    String id = call.argument(0);
    if (call.has("follow")) {
      new JobWatch(api, call.terminal(), id).follow(call.terminal().out());
      return ExitCode.OK;
    }
    String path = path(id) + "/output";
    try (InputStream output = api.bytes(path)) {
      output.transferTo(call.terminal().out());
      return ExitCode.OK;
    } catch (IOException e) {
      throw new Failure(
          ExitCode.UNREACHABLE, "The connection broke. Run the command again for all of it.");
    }
  }

  private static int why(Call call) {
    JsonNode answer = call.api().get(path(call.argument(0)) + "/why");
    if (!answer.hasNonNull("why")) {
      call.terminal()
          .say(
              "Job %s does not wait: it is %s."
                  .formatted(call.argument(0), answer.path("status").asString("")));
    }
    call.printer().row(WHY, answer);
    return ExitCode.OK;
  }

  private static int cancel(Call call) {
    Api api = call.api();
    String force = call.has("force") ? "?force=true" : "";
    List<JsonNode> answers = new ArrayList<>();
    for (String id : call.arguments(0)) {
      JsonNode answer = api.send("PUT", path(id) + "/cancel" + force, null);
      answers.add(answer);
      if (answer.path("cancel").asString("").equals("host_unreachable")) {
        call.terminal()
            .say(
                "The host of job %s cannot be reached; it receives the request when it reconnects. --force ends the"
                        .formatted(id)
                    + " job now, whatever its script does.");
      }
    }
    call.printer().list(CANCEL, answers);
    return ExitCode.OK;
  }

  private static int restart(Call call) {
    Api api = call.api();
    JsonNode job = api.send("PUT", path(call.argument(0)) + "/restart", null);
    return followUp(call, api, job);
  }

  private static Verb.Body put(String what) {
    return call -> {
      Api api = call.api();
      List<JsonNode> answers = new ArrayList<>();
      for (String id : call.arguments(0)) {
        answers.add(api.send("PUT", path(id) + "/" + what, comment(call)));
      }
      call.printer().list(COLUMNS, answers);
      return ExitCode.OK;
    };
  }

  private static @Nullable JsonNode comment(Call call) {
    ObjectNode body = MessageJson.mapper().createObjectNode();
    call.option("comment").ifPresent(text -> body.put("comment", text));
    return body.isEmpty() ? null : body;
  }

  /** Prints a new job, or waits for its end if {@code --wait} or {@code --follow} is given. */
  public static int followUp(Call call, Api api, JsonNode job) {
    if (!call.has("wait") && !call.has("follow")) {
      call.printer().row(COLUMNS, job);
      return ExitCode.OK;
    }
    String id = job.path("id").asString("");
    if (!call.has("follow")) {
      call.terminal().say("Job %s was created; waiting for its end.".formatted(id));
    }
    return finished(call, api, id, call.has("follow"));
  }

  private static int finished(Call call, Api api, String id, boolean follow) {
    Terminal terminal = call.terminal();
    Thread atExit = Interruption.explained(terminal, id);
    try {
      JobWatch.Ended ended = new JobWatch(api, terminal, id).wait(follow);
      if (!follow) {
        call.printer().row(COLUMNS, ended.job());
      }
      return ended.code();
    } catch (Failure e) {
      throw e.code() == ExitCode.UNREACHABLE
          ? new Failure(e.code(), e.sentences() + " " + Interruption.sentence(id))
          : e;
    } finally {
      Interruption.isOver(atExit);
    }
  }
}
