package io.capataz.agent.job;

import io.capataz.agent.host.ThisHost;
import io.capataz.agent.policy.HostPolicy;
import io.capataz.agent.policy.WantedRun;
import io.capataz.agent.process.Command;
import io.capataz.agent.process.ExitStatus;
import io.capataz.agent.process.RunningProcess;
import io.capataz.agent.process.SpawnFailed;
import io.capataz.common.protocol.AttemptEnd;
import io.capataz.common.protocol.AttemptEnd.SignalSent.Why;
import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.RunningAttempt;
import io.capataz.common.protocol.WorkOrder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import tools.jackson.databind.JsonNode;

/**
 * One attempt, from its work order to its last report:
 *
 * <ol>
 *   <li>ask the {@link HostPolicy},
 *   <li>make a {@link Workspace} and write the script into it,
 *   <li>start the script as a process of its own session,
 *   <li>report that it runs and ship what it prints ({@link OutputShipper}), on a second thread, so
 *       that a slow supervisor never holds up
 *   <li>the watch over time, stop requests and leftovers ({@link RunWatch}),
 *   <li>ship the rest, read the result ({@link ResultLine}), report the end, remove the workspace.
 * </ol>
 */
final class JobRun {

  private static final Logger log = LoggerFactory.getLogger(JobRun.class);

  /** How long a way out is kept open for what has left the run and still holds it. */
  private static final Duration LAST_WORDS = Duration.ofMillis(500);

  private final WorkOrder order;
  private final JobTools tools;
  private final AttemptReports reports;
  private final CompletableFuture<Why> stop = new CompletableFuture<>();
  private volatile boolean started;
  private volatile @Nullable Thread runner;

  JobRun(WorkOrder order, JobTools tools) {
    this.order = order;
    this.tools = tools;
    this.reports = new AttemptReports(tools.supervisor(), tools.backoff(), order, this::forget);
  }

  AttemptId id() {
    return order.attemptId();
  }

  RunningAttempt asRunning() {
    return new RunningAttempt(order.job(), order.attempt(), order.claim(), started);
  }

  /** Ends the script; the first reason given is the one that counts. */
  void stop(Why why) {
    stop.complete(why);
  }

  /** Ends the script and never speaks of it again. */
  void forget() {
    reports.beSilent();
    stop.complete(Why.CANCEL);
  }

  /** The agent cannot wait any longer: {@link #run} kills the script and returns. */
  void abandon() {
    reports.beSilent();
    Thread thread = runner;
    if (thread != null) {
      thread.interrupt();
    }
  }

  /**
   * Returns when the attempt is over and reported.
   *
   * @throws InterruptedException after {@link #abandon}; nothing of the script is left then either
   */
  void run() throws InterruptedException {
    runner = Thread.currentThread();
    story().addKeyValue("task", order.taskName()).log("job taken");
    try {
      checkScript();
      Optional<String> refusal = tools.policy().refusal(wanted());
      if (refusal.isPresent()) {
        report(neverStarted(new Outcome.Refused(refusal.get())));
      } else {
        runInWorkspace();
      }
    } catch (CannotStart e) {
      report(neverStarted(new Outcome.CouldNotStart(e.reason())));
    }
  }

  /** What is decided about a script by its digest is decided about these bytes. */
  private void checkScript() throws CannotStart {
    String digest = order.script().content().sha256();
    if (!digest.equals(order.script().digest())) {
      throw new CannotStart(
          "The script that arrived is not the one that was announced: its digest is "
              + digest
              + ", not "
              + order.script().digest()
              + ". Save the script again.");
    }
  }

  private WantedRun wanted() {
    return new WantedRun(
        ThisHost.user(),
        order.task(),
        order.taskName(),
        order.script().digest(),
        Interpreters.programFor(order.script(), path()),
        order.environment().keySet(),
        order.timeout());
  }

  private void runInWorkspace() throws CannotStart, InterruptedException {
    try (Workspace workspace = workspace()) {
      Optional<AttemptEnd> end = runIn(workspace);
      if (end.isPresent()) {
        report(end.get());
      } else {
        reportUnwanted(stop.join());
      }
    }
  }

  private Workspace workspace() throws CannotStart {
    try {
      return Workspace.make(tools.runs(), order);
    } catch (IOException e) {
      throw new CannotStart("No folder could be made for the run on this host: " + e + ".", e);
    }
  }

  /** Empty if somebody wanted it to stop before it began. */
  private Optional<AttemptEnd> runIn(Workspace workspace) throws CannotStart, InterruptedException {
    Command command = command(workspace);
    if (stop.isDone()) {
      return Optional.empty();
    }
    long startedAt = System.nanoTime();
    try (RunningProcess process = tools.spawner().start(command);
        OutputShipper output =
            new OutputShipper(
                reports,
                tools.backoff(),
                tools.outputCalls(),
                startedAt,
                workspace.stdout(),
                workspace.stderr())) {
      started = true;
      story().addKeyValue("pid", process.pid()).log("script started");
      Thread reporting = tools.threads().newThread(() -> reportProgress(process.pid(), output));
      reporting.start();
      try {
        RunWatch.Over over =
            new RunWatch(process, startedAt).untilOver(order.timeout(), order.grace(), stop);
        process.finishOutput(LAST_WORDS);
        output.scriptIsOver();
        reporting.join();
        return Optional.of(end(over, workspace, output));
      } finally {
        reporting.interrupt();
      }
    } catch (SpawnFailed e) {
      throw new CannotStart(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new CannotStart("What the script prints cannot be read on this host: " + e + ".", e);
    }
  }

  private Command command(Workspace workspace) throws CannotStart {
    Map<String, String> environment = RunEnvironment.of(order, workspace, tools.url());
    List<String> argv =
        new ArrayList<>(Interpreters.commandFor(order.script(), workspace.script(), path()));
    argv.addAll(order.arguments());
    try {
      return new Command(
          argv, environment, workspace.directory(), workspace.stdout(), workspace.stderr());
    } catch (IllegalArgumentException e) {
      throw new CannotStart(String.valueOf(e.getMessage()), e);
    }
  }

  /** Where the script's programs are looked for. */
  private String path() {
    return order.environment().getOrDefault("PATH", RunEnvironment.PATH);
  }

  private void reportProgress(long pid, OutputShipper output) {
    try {
      reports.started(pid);
      output.ship();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private AttemptEnd end(RunWatch.Over over, Workspace workspace, OutputShipper output)
      throws IOException {
    @Nullable JsonNode result =
        ResultLine.read(workspace.result(), workspace.stdout()).orElse(null);
    @Nullable Integer exitCode =
        over.exit().orElse(null) instanceof ExitStatus.Exited(int code) ? code : null;
    return new AttemptEnd(
        order.claim(),
        outcome(over, result),
        exitCode,
        over.ran(),
        over.signals(),
        over.survivors(),
        result,
        output.stdoutBytes(),
        output.stderrBytes(),
        0L,
        "session");
  }

  private static Outcome outcome(RunWatch.Over over, @Nullable JsonNode result) {
    if (over.ending().isPresent()) {
      return stopped(over.ending().get(), over.exit());
    }
    return switch (over.exit().orElseThrow()) {
      case ExitStatus.Exited(int code) when code != 0 -> new Outcome.ExitedWith(code);
      case ExitStatus.Exited _ when ResultLine.saysFailure(result) -> new Outcome.ExitedWith(0);
      case ExitStatus.Exited _ -> new Outcome.Succeeded();
      case ExitStatus.Signaled(String signal) -> new Outcome.Killed(signal);
    };
  }

  private static Outcome stopped(Why why, Optional<ExitStatus> exit) {
    return switch (why) {
      case TIMEOUT -> new Outcome.TimedOut();
      case CANCEL -> new Outcome.Canceled();
      case SHUTDOWN, LEFT_BEHIND ->
          new Outcome.Killed(
              exit.orElse(null) instanceof ExitStatus.Signaled(String signal) ? signal : "SIGTERM");
    };
  }

  private AttemptEnd neverStarted(Outcome outcome) {
    return new AttemptEnd(
        order.claim(), outcome, null, null, List.of(), List.of(), null, 0, 0, null, null);
  }

  private void reportUnwanted(Why why) throws InterruptedException {
    if (why == Why.CANCEL) {
      report(neverStarted(new Outcome.Canceled()));
    } else {
      reports.givenBack("The agent was going down before the script was started.");
      story().log(reports.isSilent() ? "job forgotten" : "job given back");
    }
  }

  private void report(AttemptEnd end) throws InterruptedException {
    story()
        .addKeyValue("outcome", end.outcome())
        .addKeyValue("signals", end.signals().size())
        .addKeyValue("survivors", end.survivors().size())
        .log("script ended");
    reports.end(end);
    story().log(reports.isSilent() ? "job forgotten" : "job reported");
  }

  private LoggingEventBuilder story() {
    return log.atInfo().addKeyValue("job", order.job()).addKeyValue("attempt", order.attempt());
  }
}
