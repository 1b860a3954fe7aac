package io.capataz.agent.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How a run ended, as its keeper recorded it.
 *
 * @param exit how the started process itself ended; empty if not even SIGKILL ended it
 * @param ending why the keeper ended the run: {@code TIMEOUT}, {@code CANCEL}, {@code SHUTDOWN};
 *     empty if it ended by itself
 * @param ran from its start until it was over, by a clock that nobody sets
 * @param signals what was sent to it, in order
 * @param survivors what was alive after the last signal
 * @param containment a word for what held it together
 * @param stdout what became of its standard output
 * @param stderr what became of its standard error
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
   * @param after counted from the start
   * @param why {@code TIMEOUT}, {@code CANCEL}, {@code SHUTDOWN} or {@code LEFT_BEHIND}
   */
  public record Sent(String signal, Duration after, String why) {}

  /**
   * How much of a stream there is.
   *
   * @param total bytes that were printed
   * @param head bytes in the file of its beginning
   * @param oldest where in the file of its end the oldest byte is
   * @param noRoom whether the disk was full, so that nothing was kept from then on
   */
  record Printed(long total, long head, long oldest, boolean noRoom) {}

  /** The run never began; the message says why. */
  static SpawnFailed failure(Path record, String program) throws IOException {
    for (String line : Files.readAllLines(record, StandardCharsets.ISO_8859_1)) {
      String[] words = line.split(" ", -1);
      if (words[0].equals("failed") && words.length == 3) {
        return SpawnFailed.of(program, words[1], Integer.parseInt(words[2]));
      }
    }
    return SpawnFailed.of(program, "order", 0);
  }

  /** Whether it has its last line, which it may lack if the host failed while it was written. */
  static boolean isWhole(Path record) throws IOException {
    return ("\n" + Files.readString(record, StandardCharsets.ISO_8859_1)).contains("\nend\n");
  }

  /** Whether the record says that nothing was ever started. */
  static boolean isFailure(Path record) throws IOException {
    return Files.readString(record, StandardCharsets.ISO_8859_1).startsWith("failed ");
  }

  /**
   * Reads a record.
   *
   * @throws IOException if it cannot be read, or is not one
   */
  static ExitRecord read(Path record) throws IOException {
    Optional<ExitStatus> exit = Optional.empty();
    Optional<String> ending = Optional.empty();
    Duration ran = Duration.ZERO;
    List<Sent> signals = new ArrayList<>();
    List<LiveProcess> survivors = new ArrayList<>();
    String containment = "session";
    Map<String, Printed> printed = new TreeMap<>();
    // Commands may hold any bytes, and those of a torn character are as good as others.
    for (String line :
        new String(Files.readAllBytes(record), StandardCharsets.UTF_8).split("\n", -1)) {
      String[] words = line.split(" ", 5);
      switch (words[0]) {
        case "exited" -> exit = Optional.of(new ExitStatus.Exited(Integer.parseInt(words[1])));
        case "signaled" -> exit = Optional.of(ExitStatus.Signaled.by(Integer.parseInt(words[1])));
        case "ran" -> ran = Duration.ofNanos(Long.parseLong(words[1]));
        case "ending" -> ending = Optional.of(words[1]);
        case "containment" -> containment = words[1];
        case "signal" ->
            signals.add(
                new Sent(
                    ExitStatus.Signaled.by(Integer.parseInt(words[1])).signal(),
                    Duration.ofNanos(Long.parseLong(words[2])),
                    words[3]));
        case "stdout", "stderr" ->
            printed.put(
                words[0],
                new Printed(
                    Long.parseLong(words[1]),
                    Long.parseLong(words[2]),
                    Long.parseLong(words[3]),
                    false));
        case "no_room" ->
            printed.computeIfPresent(
                words[1], (_, p) -> new Printed(p.total, p.head, p.oldest, true));
        case "survivor" ->
            survivors.add(
                new LiveProcess(
                    Long.parseLong(words[1]),
                    line.substring(Math.min(line.length(), 10 + words[1].length())).strip()));
        case "end" -> {
          Printed none = new Printed(0, 0, 0, false);
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
        default -> {}
      }
    }
    throw new IOException("The exit record " + record + " is incomplete.");
  }
}
