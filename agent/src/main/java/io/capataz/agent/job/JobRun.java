package io.capataz.agent.job;

import static java.util.Objects.requireNonNull;

import io.capataz.agent.host.IoReason;
import io.capataz.agent.job.ResultLine.Returned;
import io.capataz.agent.journal.RecoveredRuns;
import io.capataz.agent.journal.RecoveredRuns.Recovered;
import io.capataz.agent.journal.RunJournal;
import io.capataz.agent.journal.RunNote;
import io.capataz.agent.policy.WantedRun;
import io.capataz.agent.process.CapturedOutput;
import io.capataz.agent.process.Command;
import io.capataz.agent.process.ExitRecord;
import io.capataz.agent.process.ResourceLimits;
import io.capataz.agent.process.RunLimits;
import io.capataz.agent.process.Signal;
import io.capataz.agent.process.SpawnFailed;
import io.capataz.agent.process.SupervisedRun;
import io.capataz.agent.redact.Redactor;
import io.capataz.agent.script.Script;
import io.capataz.common.protocol.AttemptEnd;
import io.capataz.common.protocol.AttemptEnd.SignalSent.Why;
import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.RunningAttempt;
import io.capataz.common.protocol.WorkOrder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * One attempt, from its work order to its final report:
 *
 * <ol>
 *   <li>get the script, verify its digest ({@link ScriptFetch}), and check the host policy,
 *   <li>create a {@link Workspace} with the script in it,
 *   <li>record the start in the {@link RunJournal}, and start the script under a keeper,
 *   <li>report the start and ship the output ({@link OutputShipper}) on a second thread, while the
 *       keeper enforces the timeout, handles stop requests and kills leftovers,
 *   <li>ship the remaining output, read the result ({@link ResultLine}), report the end, remove the
 *       workspace.
 * </ol>
 *
 * <p>The agent may be killed at any point. Its next start recovers what was recorded by then
 * ({@link RecoveredRuns}): an attempt that was not started is started, a running one is resumed at
 * the fourth step.
 */
final class JobRun {

  private static final Logger log = LoggerFactory.getLogger(JobRun.class);

  /** Grace time on shutdown; the supervisor and the stopping process wait this long. */
  private static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(5);

  /** A script that is over after less is not reported as running. */
  private static final Duration SHORT = Duration.ofMillis(25);

  /** How long the result may take to read. */
  private static final Duration RESULT = Duration.ofSeconds(10);

  /** Where this run comes from. */
  private sealed interface Source {
    /** Granted by the supervisor. */
    record Granted(WorkOrder order) implements Source {}

    /** Recovered from an earlier agent process. */
    record Resumed(Recovered run) implements Source {}
  }

  private final RunNote note;
  private final Source source;
  private final JobTools tools;
  private final JobSlots slots;
  private final AttemptReports reports;
  private final CompletableFuture<Why> stop = new CompletableFuture<>();
  private volatile boolean started;
  private volatile boolean over;
  private volatile @Nullable Thread runner;

  /** A run that was granted. */
  JobRun(WorkOrder order, JobTools tools, JobSlots slots) {
    this(RunNote.of(order), new Source.Granted(order), tools, slots);
  }

  /** A run recovered from an earlier agent process. */
  JobRun(Recovered run, JobTools tools, JobSlots slots) {
    this(run.note(), new Source.Resumed(run), tools, slots);
    started = run instanceof Recovered.Started;
  }

  private JobRun(RunNote note, Source source, JobTools tools, JobSlots slots) {
    this.note = note;
    this.source = source;
    this.tools = tools;
    this.slots = slots;
    this.reports = new AttemptReports(tools.supervisor(), tools.backoff(), note, this::forget);
  }

  AttemptId id() {
    return note.id();
  }

  RunningAttempt asRunning() {
    return note.asRunning(started);
  }

  /** Whether only the report of it is left, and the release of what it used. */
  boolean isOver() {
    return over;
  }

  /** Stops the script; only the first reason counts. */
  void stop(Why why) {
    stop.complete(why);
  }

  /** Stops the script and sends no more reports about it. */
  void forget() {
    reports.fence();
    stop.complete(Why.CANCEL);
  }

  /** Makes {@link #run} return while the script continues under its keeper. */
  void detach() {
    var thread = runner;
    if (thread != null) {
      thread.interrupt();
    }
  }

  /**
   * Returns when the attempt has ended and is reported.
   *
   * @throws InterruptedException after {@link #detach}
   */
  void run() throws InterruptedException {
    runner = Thread.currentThread();
    switch (source) {
      case Source.Granted(WorkOrder order) -> begin(order);
      case Source.Resumed(Recovered.Started(_, Path folder, SupervisedRun run)) -> {
        event().addKeyValue("pid", run.pid()).log("job resumed");
        var workspace = Workspace.at(folder);
        var user = tools.users().takeAgain(workspace.directory());
        try {
          supervise(workspace, run);
        } finally {
          user.ifPresent(tools.users()::giveBack);
        }
      }
      case Source.Resumed(Recovered.Failed(_, Path folder, String why)) -> {
        report(AttemptEnds.notStarted(note, new Outcome.CouldNotStart(why)));
        cleanUp(Workspace.at(folder));
      }
    }
  }

  private void begin(WorkOrder order) throws InterruptedException {
    event().addKeyValue("task", order.owner().taskName()).log("job accepted");
    Outcome outcome;
    try {
      var found = new ScriptFetch(tools, reports, stop).script(order.script());
      if (found.isEmpty()) {
        reportStopped(stop.join());
        recordOver();
        return;
      }
      try (var script = found.get()) {
        var runAs = RunAs.of(order.runAs(), path(order), tools.users(), tools.policy()::lists);
        try {
          var refusal = tools.policy().refusal(wanted(order, script, runAs));
          if (refusal.isEmpty()) {
            runInWorkspace(order, script, runAs);
            return;
          }
          outcome = new Outcome.Refused(refusal.get());
        } finally {
          runAs.account().ifPresent(account -> tools.users().giveBack(account.user()));
        }
      }
    } catch (RunAs.Refused e) {
      outcome = new Outcome.Refused(String.valueOf(e.getMessage()));
    } catch (CannotStart e) {
      outcome = new Outcome.CouldNotStart(e.reason());
    }
    report(AttemptEnds.notStarted(note, outcome));
    recordOver();
  }

  /** The names of all variables that the order sets, except those that only say who asked. */
  private static Set<String> variables(WorkOrder order) {
    var names = new HashSet<String>(order.environment().keySet());
    order.secretFiles().forEach(file -> names.add(file.variable()));
    names.removeAll(Set.of(WorkOrder.USER_ID, WorkOrder.USER_NAME, WorkOrder.USER_EMAIL));
    return names;
  }

  private static WantedRun wanted(WorkOrder order, Script script, RunAs runAs) {
    return new WantedRun(
        runAs.user(),
        !runAs.template().isEmpty(),
        runAs.becomesRoot(),
        order.owner().task(),
        order.owner().taskName(),
        order.script().digest(),
        runAs.program().orElseGet(() -> Interpreters.programFor(script, path(order))),
        Interpreters.namedWords(script, path(order)),
        variables(order),
        order.timeout());
  }

  private void runInWorkspace(WorkOrder order, Script script, RunAs runAs)
      throws CannotStart, InterruptedException {
    var workspace = workspace(order, script, runAs);
    SupervisedRun run;
    try {
      var command = command(order, script, runAs, workspace);
      if (stop.isDone()) {
        reportStopped(stop.join());
        cleanUp(workspace);
        return;
      }
      run = start(order, command, workspace);
    } catch (CannotStart e) {
      report(AttemptEnds.notStarted(note, new Outcome.CouldNotStart(e.reason())));
      cleanUp(workspace);
      return;
    }
    started = true;
    event().addKeyValue("pid", run.pid()).log("script started");
    supervise(workspace, run);
  }

  /** Releases the resources of an attempt that is reported. */
  private void cleanUp(Workspace workspace) {
    recordOver();
    tools.keepers().release(workspace.folder());
    workspace.remove(tools.threads());
  }

  private void recordOver() {
    try {
      tools.journal().over(id(), note.claim());
    } catch (IOException e) {
      // After a restart, a missing run folder means that the run is over.
      log.warn("cannot write to the journal: {}", IoReason.of(e));
    }
  }

  private Workspace workspace(WorkOrder order, Script script, RunAs runAs) throws CannotStart {
    try {
      return Workspace.make(tools.runs(), order, script, runAs.account());
    } catch (IOException e) {
      throw new CannotStart(
          "Cannot create the run folder on this host: " + IoReason.of(e) + ".", e);
    }
  }

  private Command command(WorkOrder order, Script script, RunAs runAs, Workspace workspace)
      throws CannotStart {
    var environment =
        RunEnvironment.of(order, workspace, runAs.account(), tools.url(), tools.commands());
    var argv = new ArrayList<String>(runAs.argvFor(workspace.script()));
    if (argv.isEmpty()) {
      argv.addAll(Interpreters.commandFor(script, workspace.script(), path(order)));
    }
    argv.addAll(workspace.arguments());
    try {
      return new Command(argv, environment, workspace.directory(), runAs.account());
    } catch (IllegalArgumentException e) {
      throw new CannotStart(String.valueOf(e.getMessage()), e);
    }
  }

  private SupervisedRun start(WorkOrder order, Command command, Workspace workspace)
      throws CannotStart {
    var handling = order.handling();
    boolean hasOwnUser = command.as().map(tools.users()::isOwn).orElse(false);
    RunLimits limits =
        new RunLimits(
            order.timeout(),
            order.grace(),
            Signal.named(handling.signal()).orElse(Signal.SIGTERM),
            handling.mainFirst(),
            handling.output(),
            handling.memory() == null
                ? tools.keepers().usualMemory()
                : OptionalLong.of(handling.memory()),
            handling.processes() == null
                ? tools.keepers().usualProcesses()
                : OptionalInt.of(handling.processes()),
            Optional.of(ResourceLimits.usual(workspace.folder(), hasOwnUser)));
    try {
      tools.journal().starting(id(), note.claim(), workspace.name());
      return tools.keepers().start(workspace.folder(), command, limits);
    } catch (SpawnFailed e) {
      throw new CannotStart(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new CannotStart("Cannot prepare the run on this host: " + IoReason.of(e) + ".", e);
    }
  }

  private void reportStopped(Why why) throws InterruptedException {
    if (why == Why.CANCEL) {
      report(AttemptEnds.notStarted(note, new Outcome.Canceled()));
    } else {
      reports.givenBack("The agent was stopped before the script started.");
      event().log(reports.isFenced() ? "job abandoned" : "job returned to the queue");
    }
  }

  /** The search path for programs. */
  private static String path(WorkOrder order) {
    return order.environment().getOrDefault("PATH", RunEnvironment.PATH);
  }

  /** Supervises a started run: ships its output, forwards stop requests, and reports its end. */
  private void supervise(Workspace workspace, SupervisedRun run) throws InterruptedException {
    // On its own thread: stopping writes a file, and the caller must not wait for a disk.
    var _ =
        stop.thenAcceptAsync(
            why -> stop(run, why), task -> tools.threads().newThread(task).start());
    try (var output = CapturedOutput.open(workspace.folder())) {
      var redactor = Redactor.of(note.secrets());
      var progress =
          new ProgressShipper(
              reports,
              tools.backoff(),
              new ProgressFile(workspace.progress(), redactor),
              System::nanoTime);
      var shipper =
          new OutputShipper(
              reports, tools.backoff(), tools.outputCalls(), output, progress, redactor);
      var over = over(run, shipper);
      var result = result(workspace, output, redactor);
      var limit = tools.keepers().wasOutOfMemory(workspace.folder()) ? "memory" : null;
      report(
          AttemptEnds.of(note, over, output, result, limit, stop.getNow(Why.SHUTDOWN)),
          Optional.of(shipper));
    } catch (ExecutionException e) {
      report(lost(workspace, String.valueOf(requireNonNull(e.getCause()).getMessage())));
    } catch (IOException e) {
      report(
          lost(workspace, "Cannot read the captured output of the run: " + IoReason.of(e) + "."));
    }
    cleanUp(workspace);
  }

  /**
   * Waits for the end, and ships the output up to then. What is left of it, if it is not much and
   * the way to the supervisor allows it, is sent with the end. That a script runs is reported only
   * if it runs for more than a moment.
   */
  private ExitRecord over(SupervisedRun run, OutputShipper shipper)
      throws InterruptedException, ExecutionException, IOException {
    try {
      var over = run.over().get(SHORT.toMillis(), TimeUnit.MILLISECONDS);
      if (over.ran().compareTo(SHORT) > 0) {
        reports.started(run.pid()); // Resumed, and over by then.
      }
      shipper.scriptEnded(over);
      shipper.ship();
      return over;
    } catch (TimeoutException e) {
      // It runs for longer.
    }
    var reporting = tools.threads().newThread(() -> reportAndShip(run.pid(), shipper));
    reporting.start();
    try {
      var over = run.over().get();
      shipper.scriptEnded(over);
      reporting.join();
      return over;
    } finally {
      reporting.interrupt();
    }
  }

  /**
   * Reads the result within a time limit: the script may have left anything there, and must not
   * keep the slot.
   */
  private Returned result(Workspace workspace, CapturedOutput output, Redactor redactor)
      throws InterruptedException {
    var reading =
        new FutureTask<>(() -> ResultLine.read(workspace.result(), output.stdout(), redactor));
    tools.threads().newThread(reading).start();
    try {
      return reading.get(RESULT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      log.warn("the result of {} could not be read in {} s", note, RESULT.toSeconds());
      return Returned.not(
          "unreadable", "The result could not be read in " + RESULT.toSeconds() + " seconds.");
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } finally {
      reading.cancel(true);
    }
  }

  private void stop(SupervisedRun run, Why why) {
    var grace =
        why == Why.SHUTDOWN && note.grace().compareTo(SHUTDOWN_GRACE) > 0
            ? SHUTDOWN_GRACE
            : note.grace();
    try {
      run.stop(why.name(), grace);
    } catch (IOException e) {
      log.error("cannot tell the keeper of {} why it is to stop: {}", note, IoReason.of(e));
    }
  }

  private void reportAndShip(long pid, OutputShipper output) {
    try {
      reports.started(pid);
      output.ship();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The keeper was killed or its record is corrupt: kills what is left of the run. */
  private AttemptEnd lost(Workspace workspace, String why) {
    log.error("lost {}: {}", note, why);
    return AttemptEnds.lost(note, why, tools.keepers().killLeftovers(workspace.folder()));
  }

  private void report(AttemptEnd unmasked) throws InterruptedException {
    report(unmasked, Optional.empty());
  }

  /**
   * Reports how the attempt ended, with secrets masked.
   *
   * @param output has the last of the output; empty: there is none
   */
  private void report(AttemptEnd unmasked, Optional<OutputShipper> output)
      throws InterruptedException {
    if (!over) {
      over = true;
      slots.leave();
    }
    var end = AttemptEnds.redacted(unmasked, Redactor.of(note.secrets()));
    event()
        .addKeyValue("outcome", AttemptEnds.type(end.outcome()))
        .addKeyValue("signals", end.signals().size())
        .addKeyValue("survivors", end.survivors().size())
        .log(AttemptEnds.words(end.outcome()));
    if (output.isEmpty() || !output.get().endsWith(end)) {
      reports.end(end);
    }
    event().log(reports.isFenced() ? "job abandoned" : "job reported");
  }

  private LoggingEventBuilder event() {
    return log.atInfo().addKeyValue("job", note.job()).addKeyValue("attempt", note.attempt());
  }
}
