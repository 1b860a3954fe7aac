package io.capataz.cli.job;

import io.capataz.cli.api.Api;
import io.capataz.cli.api.EventStream;
import io.capataz.cli.api.ServerEvent;
import io.capataz.cli.terminal.Terminal;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;

/** Waits for the end of one job, with or without its output. */
final class JobWatch {

  private final Api api;
  private final Terminal terminal;
  private final String id;
  private int attempt;

  JobWatch(Api api, Terminal terminal, String id) {
    this.api = api;
    this.terminal = terminal;
    this.id = id;
  }

  /** Prints what the script prints, until the job has ended. Standard error goes to {@code err}. */
  void follow(PrintStream err) {
    new EventStream(api, path("output"), terminal::say)
        .follow(
            event -> {
              if (event.name().equals("output")) {
                print(event, err);
              }
              return !event.name().equals("end") && !terminal.out().checkError();
            });
  }

  private void print(ServerEvent event, PrintStream err) {
    JsonNode piece = event.data();
    int of = piece.path("attempt").asInt(0);
    if (attempt != 0 && of != attempt) {
      terminal.say("Attempt %d:".formatted(of));
    }
    attempt = of;
    boolean toErr = piece.path("stream").asString("").equals("stderr");
    PrintStream target = toErr ? err : terminal.out();
    target.writeBytes(piece.path("text").asString("").getBytes(StandardCharsets.UTF_8));
    target.flush();
  }

  /** Waits for the end and returns the job. On a terminal, it shows where the job stands. */
  JsonNode end() {
    new EventStream(api, path("events"), terminal::say)
        .follow(
            event -> {
              show(event);
              return !event.name().equals("end");
            });
    terminal.progress("");
    return job();
  }

  private void show(ServerEvent event) {
    if (!terminal.showsProgress() || event.name().equals("end")) {
      return;
    }
    JsonNode data = event.data();
    String line = data.path("status").asString("");
    if (event.name().equals("progress")) {
      line =
          "running %s%% %s"
              .formatted(data.path("percent").asString("0"), data.path("message").asString(""));
    } else if (data.has("jobs")) {
      line = data.at("/jobs/0/status").asString("");
    }
    terminal.progress("Job %s: %s".formatted(id, line));
  }

  private JsonNode job() {
    return api.get("/job/" + Api.encoded(id));
  }

  private String path(String what) {
    return "/job/%s/%s".formatted(Api.encoded(id), what);
  }

  /** Waits as asked, says how it ended and returns the job with the exit code for it. */
  Ended wait(boolean follow) {
    if (follow) {
      follow(terminal.err());
    }
    JsonNode job = end();
    int code = JobEnd.exitCode(job);
    if (code != 0) {
      terminal.say(JobEnd.sentence(job));
    }
    return new Ended(job, code);
  }

  /** A job that has ended, and the exit code of a command that has waited for it. */
  record Ended(JsonNode job, int code) {}
}
