package io.capataz.agent.journal;

import io.capataz.agent.host.Folders;
import io.capataz.agent.host.IoReason;
import io.capataz.agent.journal.RunJournal.OpenRun;
import io.capataz.agent.process.Keepers;
import io.capataz.agent.process.Keepers.Found;
import io.capataz.agent.process.SpawnFailed;
import io.capataz.agent.process.SupervisedRun;
import io.capataz.common.protocol.AttemptEnd.SignalSent.Why;
import io.capataz.common.protocol.AttemptId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs of an earlier agent process. The journal lists what was started; the run folders and keepers
 * tell what became of it.
 */
public final class RecoveredRuns {

  private static final Logger log = LoggerFactory.getLogger(RecoveredRuns.class);

  /** How long one folder may hold up the start of the agent. */
  private static final Duration REMOVAL = Duration.ofSeconds(2);

  /** A run of an earlier process, to be brought to its end. */
  public sealed interface Recovered {
    RunNote note();

    Path folder();

    /** It was started, and is running or has ended. */
    record Started(RunNote note, Path folder, SupervisedRun run) implements Recovered {}

    /** It could not be started, which is not reported yet. */
    record Failed(RunNote note, Path folder, String why) implements Recovered {}
  }

  private final RunJournal journal;
  private final Keepers keepers;
  private final Path runs;
  private final ThreadFactory threads;
  private final List<Recovered> recovered = new ArrayList<>();
  private final List<AttemptId> lost = new ArrayList<>();
  private final Set<String> claims = new LinkedHashSet<>();

  private RecoveredRuns(RunJournal journal, Keepers keepers, Path runs, ThreadFactory threads) {
    this.journal = journal;
    this.keepers = keepers;
    this.runs = runs;
    this.threads = threads;
  }

  /**
   * Recovers the runs once, before a session is opened. Processes of runs that cannot be recovered
   * are killed.
   *
   * @param runs parent of the run folders
   * @param threads for the removal of folders that takes long
   */
  public static RecoveredRuns find(
      RunJournal journal, Keepers keepers, Path runs, ThreadFactory threads) throws IOException {
    var found = new RecoveredRuns(journal, keepers, runs, threads);
    found.claims.addAll(journal.openClaims());
    var folders = new HashSet<String>();
    for (var open : journal.openRuns()) {
      folders.add(open.folder());
      found.recover(open);
    }
    found.removeUnknown(folders);
    keepers.releaseAllBut(folders::contains);
    return found;
  }

  /** The runs to report when opening the session. */
  public HeldRuns held() {
    var running =
        recovered.stream()
            .map(run -> run.note().asRunning(run instanceof Recovered.Started))
            .toList();
    return new HeldRuns(running, List.copyOf(claims), lost);
  }

  /** The runs to bring to their end. */
  public List<Recovered> runs() {
    return List.copyOf(recovered);
  }

  /** The claims to repeat. */
  public List<String> claims() {
    return List.copyOf(claims);
  }

  private void recover(OpenRun open) throws IOException {
    var folder = runs.resolve(open.folder());
    if (!Files.isDirectory(folder)) {
      // The folder is removed last, after the report.
      journal.over(open.attempt(), open.claim());
      return;
    }
    try {
      var note = RunNote.read(folder);
      switch (keepers.find(folder)) {
        case Found.Started(SupervisedRun run) ->
            recovered.add(new Recovered.Started(note, folder, run));
        case Found.Failed(SpawnFailed failure) ->
            recovered.add(new Recovered.Failed(note, folder, String.valueOf(failure.getMessage())));
        // The folder is kept until the next start, as the evidence that the run was never started.
        case Found.NotStarted _ -> claims.add(open.claim());
        case Found.Lost _ -> recordLost(open, folder, "its keeper ended without an exit record");
      }
    } catch (IOException e) {
      recordLost(open, folder, IoReason.of(e));
    }
  }

  private void recordLost(OpenRun open, Path folder, String why) throws IOException {
    log.atWarn()
        .addKeyValue("job", open.attempt().job())
        .addKeyValue("attempt", open.attempt().number())
        .log("lost a job that an earlier agent started: {}", why);
    killLeftovers(folder);
    lost.add(open.attempt());
    journal.over(open.attempt(), open.claim());
    Folders.removeOrWarn(folder, REMOVAL, threads);
  }

  /** Removes folders that the journal does not know, and kills processes of their runs. */
  private void removeUnknown(Set<String> known) throws IOException {
    try (var all = Files.newDirectoryStream(runs)) {
      for (var folder : all) {
        if (known.contains(folder.getFileName().toString())) {
          continue;
        }
        try {
          if (keepers.find(folder) instanceof Found.Started(SupervisedRun run)) {
            run.stop(Why.SHUTDOWN.name(), Duration.ZERO);
            var _ = run.over().exceptionally(_ -> null).join();
          }
        } catch (IOException e) {
          log.debug("{} is not the folder of a run, or is corrupt", folder, e);
        }
        killLeftovers(folder);
        Folders.removeOrWarn(folder, REMOVAL, threads);
      }
    }
  }

  private void killLeftovers(Path folder) {
    keepers
        .killLeftovers(folder)
        .forEach(left -> log.error("cannot kill process {}: {}", left.pid(), left.command()));
  }
}
