package io.capataz.agent.job;

import io.capataz.agent.host.Folders;
import io.capataz.agent.journal.RunNote;
import io.capataz.agent.process.Account;
import io.capataz.agent.process.OpenFolder;
import io.capataz.agent.script.Script;
import io.capataz.common.protocol.WorkOrder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;

/**
 * The folder of one attempt: the script, its files, working and temporary folder, and output.
 * Created for the attempt, and removed after it was reported.
 *
 * <p>The script, its file arguments and its secret files belong to the agent's user. If the script
 * runs as somebody else, that user can read them, and nobody but the agent can change them: what
 * was checked is what runs. Only the working folder, the temporary folder and the folder for
 * results are the script's own.
 */
final class Workspace {

  private static final int NAME_CHARACTERS = 100;

  /** Passable but not listable, so only known names can be reached. */
  private static final int PASSABLE = 0711;

  private static final Duration REMOVAL = Duration.ofSeconds(5);

  private static final String READABLE = "r--------";

  /** What the script's user may write to. */
  private static final List<String> OWN_FOLDERS = List.of("work", "tmp", "results");

  private final Path folder;
  private final Path script;
  private final List<String> arguments;
  private final Map<String, String> secretFiles;

  private Workspace(
      Path folder, Path script, List<String> arguments, Map<String, String> secretFiles) {
    this.folder = folder;
    this.script = script;
    this.arguments = List.copyOf(arguments);
    this.secretFiles = Map.copyOf(secretFiles);
  }

  /**
   * Creates the folder under {@code runs} with the script and the files of the order.
   *
   * @param as the user the script runs as; empty for the agent's own user
   */
  static Workspace make(Path runs, WorkOrder order, Script script, Optional<Account> as)
      throws IOException {
    var name = plain(order.job()) + "-" + order.attempt() + "-";
    var folder = Files.createTempDirectory(runs, name);
    try {
      RunNote.of(order).write(folder);
      for (var part : OWN_FOLDERS) {
        Folders.make(folder.resolve(part));
      }
      var place = Folders.make(folder.resolve("script")).resolve(plain(script.filename()));
      script.moveTo(place);
      var readable = new ArrayList<Path>(List.of(place));
      var arguments = withFiles(order, folder.resolve("files"), readable);
      var secretFiles = writeSecrets(order, folder, readable);
      if (as.isPresent()) {
        share(folder, readable, as.get());
      }
      return new Workspace(folder, place, arguments, secretFiles);
    } catch (IOException e) {
      Folders.remove(folder);
      throw e;
    }
  }

  /** Writes the files of the order, and returns its arguments with their paths. */
  private static List<String> withFiles(WorkOrder order, Path files, List<Path> readable)
      throws IOException {
    var arguments = new ArrayList<String>(order.arguments());
    if (!order.files().isEmpty()) {
      Folders.make(files);
    }
    for (var file : order.files()) {
      if (file.place() < 0 || file.place() >= arguments.size()) {
        throw new IOException("no argument at position " + file.place());
      }
      var own = Folders.make(files.resolve(Integer.toString(file.place())));
      var copy = own.resolve(plain(file.filename()));
      Folders.write(copy, file.content().toArray(), READABLE);
      readable.add(copy);
      arguments.set(file.place(), copy.toString());
    }
    return arguments;
  }

  /**
   * Writes the secrets that are files, and returns their paths by variable. Everybody sees the
   * script's path in the list of processes, so theirs does not follow from it.
   */
  private static Map<String, String> writeSecrets(WorkOrder order, Path folder, List<Path> readable)
      throws IOException {
    var paths = new HashMap<String, String>();
    if (order.secretFiles().isEmpty()) {
      return paths;
    }
    var secrets = Files.createTempDirectory(folder, "secrets-");
    for (var file : order.secretFiles()) {
      var own = Folders.make(secrets.resolve(Integer.toString(paths.size())));
      var copy = own.resolve(plain(file.filename()));
      Folders.write(copy, file.content().toArray(), READABLE);
      readable.add(copy);
      paths.put(file.variable(), copy.toString());
    }
    return paths;
  }

  /**
   * Gives the script's user what it needs. The folder itself is opened last: until then nobody else
   * can reach anything in it.
   */
  private static void share(Path folder, List<Path> readable, Account as) throws IOException {
    try (var run = OpenFolder.at(folder)) {
      for (var part : OWN_FOLDERS) {
        try (var own = run.folder(part)) {
          own.giveTo(as);
        }
      }
      for (var file : readable) {
        for (var way = file.getParent();
            way != null && !way.equals(folder);
            way = way.getParent()) {
          try (var above = OpenFolder.at(way)) {
            above.letEnter(as);
          }
        }
        try (var above = OpenFolder.at(file.resolveSibling(""))) {
          above.letRead(file.getFileName().toString(), as);
        }
      }
      run.setMode(PASSABLE);
    }
    // The agent's own folders: of all runs, and of all its data.
    var runs = folder.resolveSibling("");
    for (var way : List.of(runs, runs.resolveSibling(""))) {
      try (var above = OpenFolder.at(way)) {
        above.setMode(PASSABLE);
      }
    }
  }

  /** An existing workspace. */
  static Workspace at(Path folder) {
    return new Workspace(folder, folder.resolve("script"), List.of(), Map.of());
  }

  Path folder() {
    return folder;
  }

  /** The name of the folder, unique among runs. */
  String name() {
    return folder.getFileName().toString();
  }

  /** The path of the script, which its user may execute. */
  Path script() {
    return script;
  }

  /** The script's arguments, with paths for file arguments. */
  List<String> arguments() {
    return arguments;
  }

  /** Variables with the paths of secret files. */
  Map<String, String> secretFiles() {
    return secretFiles;
  }

  /** The working directory of the script. */
  Path directory() {
    return folder.resolve("work");
  }

  /** The script's {@code TMPDIR}. */
  Path temporary() {
    return folder.resolve("tmp");
  }

  /** The result file, created by the script if it returns a result. */
  Path result() {
    return folder.resolve("results").resolve("output");
  }

  /** The progress file, created by the script if it reports progress. */
  Path progress() {
    return folder.resolve("results").resolve("progress");
  }

  /**
   * Removes the folder. What takes long goes on on another thread, so that no script can keep a
   * slot. If it fails, the next start of the agent tries again.
   */
  void remove(ThreadFactory threads) {
    Folders.removeOrWarn(folder, REMOVAL, threads);
  }

  /**
   * Converts a display name to a safe file name: the last path component in plain characters, not
   * hidden, of limited length. The extension is kept, because interpreters depend on it.
   */
  static String plain(String name) {
    var last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
    var plain = last.replaceAll("[^A-Za-z0-9._-]", "_").replaceFirst("^[.-]+", "");
    if (plain.isEmpty()) {
      return "script";
    }
    return plain.length() <= NAME_CHARACTERS
        ? plain
        : plain.substring(plain.length() - NAME_CHARACTERS).replaceFirst("^[.-]+", "_");
  }
}
