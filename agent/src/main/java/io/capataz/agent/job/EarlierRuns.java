package io.capataz.agent.job;

import io.capataz.agent.job.RunJournal.OpenRun;
import io.capataz.agent.process.Keepers;
import io.capataz.agent.process.Keepers.Found;
import io.capataz.agent.process.Kept;
import io.capataz.agent.process.SpawnFailed;
import io.capataz.common.protocol.AttemptEnd.SignalSent.Why;
import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.RunningAttempt;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an agent's earlier life has left: the journal says what was begun, the runs' folders and
 * their keepers say what became of it.
 */
public final class EarlierRuns {

  private static final Logger log = LoggerFactory.getLogger(EarlierRuns.class);

  /** One that can be taken up. */
  private record GoesOn(RunningAttempt attempt, Function<JobTools, JobRun> run) {}

  private final RunJournal journal;
  private final Keepers keepers;
  private final Path runs;
  private final List<GoesOn> goOn = new ArrayList<>();
  private final List<AttemptId> lost = new ArrayList<>();
  private final Set<String> claims = new LinkedHashSet<>();

  private EarlierRuns(RunJournal journal, Keepers keepers, Path runs) {
    this.journal = journal;
    this.keepers = keepers;
    this.runs = runs;
  }

  /**
   * Looks at all of it once, before a session is opened. What can be taken up is; of what cannot,
   * nothing is left alive.
   *
   * @param runs the folder of their folders
   */
  public static EarlierRuns find(RunJournal journal, Keepers keepers, Path runs)
      throws IOException {
    EarlierRuns earlier = new EarlierRuns(journal, keepers, runs);
    earlier.claims.addAll(journal.openClaims());
    Set<String> folders = new HashSet<>();
    for (OpenRun open : journal.openRuns()) {
      folders.add(open.folder());
      earlier.lookAt(open);
    }
    earlier.clear(folders);
    keepers.releaseAllBut(folders::contains);
    return earlier;
  }

  /** What the session is opened with. */
  public HeldRuns held() {
    List<RunningAttempt> running = goOn.stream().map(GoesOn::attempt).toList();
    return new HeldRuns(running, List.copyOf(claims), lost);
  }

  /** Those that go on, to be run to their end. */
  List<JobRun> goOn(JobTools tools) {
    return goOn.stream().map(one -> one.run.apply(tools)).toList();
  }

  /** The claims that must be made again. */
  List<String> claims() {
    return List.copyOf(claims);
  }

  private void lookAt(OpenRun open) throws IOException {
    Path folder = runs.resolve(open.folder());
    if (!Files.isDirectory(folder)) {
      // It is removed last of all, after the report.
      journal.over(open.attempt(), open.claim());
      return;
    }
    Workspace workspace = Workspace.at(folder);
    try {
      RunNote note = RunNote.read(Workspace.note(folder));
      switch (keepers.find(folder)) {
        case Found.Begun(Kept run) ->
            goOn.add(
                new GoesOn(note.asRunning(true), tools -> new JobRun(note, workspace, run, tools)));
        case Found.Failed(SpawnFailed failure) -> {
          String why = String.valueOf(failure.getMessage());
          goOn.add(
              new GoesOn(note.asRunning(false), tools -> new JobRun(note, workspace, why, tools)));
        }
        // Its folder stays until the next life: it is what says that it never began.
        case Found.NeverBegan _ -> claims.add(open.claim());
        case Found.Gone _ -> lose(open, workspace, "its keeper is gone and left no record");
      }
    } catch (IOException e) {
      lose(open, workspace, e.toString());
    }
  }

  private void lose(OpenRun open, Workspace workspace, String why) throws IOException {
    log.warn("{} of an earlier life is lost: {}", open.attempt(), why);
    end(workspace);
    lost.add(open.attempt());
    journal.over(open.attempt(), open.claim());
    workspace.close();
  }

  /** Removes folders that the journal does not know, and what lives in them. */
  private void clear(Set<String> known) throws IOException {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(runs)) {
      for (Path folder : all) {
        if (known.contains(folder.getFileName().toString())) {
          continue;
        }
        Workspace workspace = Workspace.at(folder);
        try {
          if (keepers.find(folder) instanceof Found.Begun(Kept run)) {
            run.stop(Why.SHUTDOWN.name(), Duration.ZERO);
            var _ = run.over().exceptionally(_ -> null).join();
          }
        } catch (IOException e) {
          log.debug("{} is no run's folder, or a damaged one", folder, e);
        }
        end(workspace);
        workspace.close();
      }
    }
  }

  private void end(Workspace workspace) {
    keepers
        .killLeftovers(workspace.folder())
        .forEach(left -> log.error("{} cannot be killed", left));
  }
}
