package io.capataz.agent.process;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How a run ended, as recorded by its keeper.
 *
 * @param exit how the started process ended; empty if not even SIGKILL ended it
 * @param ending why the keeper ended the run: {@code TIMEOUT}, {@code CANCEL}, {@code SHUTDOWN};
 *     empty if it ended by itself
 * @param ran duration of the run, by a monotonic clock
 * @param signals the signals sent to it, in order
 * @param survivors processes that survived the last signal
 * @param containment name of the method that kept its processes together
 * @param stdout size of its standard output
 * @param stderr size of its standard error
 */
public record ExitRecord(
    Optional<ExitStatus> exit,
    Optional<String> ending,
    Duration ran,
    List<Sent> signals,
    List<LiveProcess> survivors,
    String containment,
    Printed stdout,
    Printed stderr) {

  public ExitRecord {
    signals = List.copyOf(signals);
    survivors = List.copyOf(survivors);
  }

  /**
   * A signal that was sent.
   *
   * @param signal its name
   * @param after time since the start
   * @param why {@code TIMEOUT}, {@code CANCEL}, {@code SHUTDOWN} or {@code LEFT_BEHIND}
   */
  public record Sent(String signal, Duration after, String why) {}

  /**
   * Sizes of a stream.
   *
   * @param total bytes printed
   * @param head bytes stored of its beginning
   * @param oldest offset of the oldest byte in the tail file
   * @param noRoom whether the disk was full, so that later output was not stored
   */
  record Printed(long total, long head, long oldest, boolean noRoom) {}

  /** Whether the lines say that the run could not be started. */
  static boolean isFailure(List<String> lines) {
    return lines.stream().anyMatch(line -> line.startsWith("failed "));
  }

  /** The failure of a run that could not be started. */
  static SpawnFailed failure(List<String> lines, String program) {
    for (var line : lines) {
      var words = line.split(" ", -1);
      if (words[0].equals("failed") && words.length == 3) {
        return SpawnFailed.of(program, words[1], Integer.parseInt(words[2]));
      }
    }
    return SpawnFailed.of(program, "order", 0);
  }

  /** Reads the lines of a complete record. */
  static ExitRecord of(List<String> lines) {
    var reader = new Reader();
    lines.forEach(reader::read);
    return reader.record();
  }

  /** Collects the lines of a record. */
  private static final class Reader {

    private Optional<ExitStatus> exit = Optional.empty();
    private Optional<String> ending = Optional.empty();
    private Duration ran = Duration.ZERO;
    private final List<Sent> signals = new ArrayList<>();
    private final List<LiveProcess> survivors = new ArrayList<>();
    private String containment = "session";
    private final Map<String, Printed> printed = new TreeMap<>();

    void read(String line) {
      var words = line.split(" ", 5);
      switch (words[0]) {
        case "exited" -> exit = Optional.of(new ExitStatus.Exited(Integer.parseInt(words[1])));
        case "signaled" -> exit = Optional.of(ExitStatus.Signaled.by(Integer.parseInt(words[1])));
        case "ran" -> ran = Duration.ofNanos(Long.parseLong(words[1]));
        case "ending" -> ending = Optional.of(words[1]);
        case "containment" -> containment = words[1];
        case "signal" -> signals.add(sent(words));
        case "stdout", "stderr" -> printed.put(words[0], printed(words));
        case "no_room" ->
            printed.computeIfPresent(
                words[1], (_, p) -> new Printed(p.total, p.head, p.oldest, true));
        case "survivor" -> survivors.add(survivor(line, words));
        default -> {}
      }
    }

    private static Sent sent(String[] words) {
      return new Sent(
          ExitStatus.Signaled.by(Integer.parseInt(words[1])).signal(),
          Duration.ofNanos(Long.parseLong(words[2])),
          words[3]);
    }

    private static Printed printed(String[] words) {
      return new Printed(
          Long.parseLong(words[1]), Long.parseLong(words[2]), Long.parseLong(words[3]), false);
    }

    private static LiveProcess survivor(String line, String[] words) {
      int command = Math.min(line.length(), "survivor  ".length() + words[1].length());
      return new LiveProcess(Long.parseLong(words[1]), line.substring(command).strip());
    }

    ExitRecord record() {
      var none = new Printed(0, 0, 0, false);
      return new ExitRecord(
          exit,
          ending,
          ran,
          signals,
          survivors,
          containment,
          printed.getOrDefault("stdout", none),
          printed.getOrDefault("stderr", none));
    }
  }
}
