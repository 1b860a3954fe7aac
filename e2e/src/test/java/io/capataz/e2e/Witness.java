package io.capataz.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What scripts themselves have written down of their runs: the truth against which everything that
 * the supervisor says is held.
 *
 * <p>Each line is appended by one write, and what is printed is written down before it is printed.
 * So a run that is cut off anywhere has printed a beginning of what it has written down.
 */
record Witness(Map<Witness.Attempt, Witness.Run> runs) {

  /** How many arguments {@link #SCRIPT} takes. */
  static final int ARGUMENTS = 6;

  /**
   * Prints some lines with pauses between them. Its arguments: the file to write to; how many
   * lines; the pause after each in seconds; how wide a line is; how many attempts are to fail, with
   * exit code 3; and a file that all jobs of one task share, or {@code -}.
   */
  static final String SCRIPT =
      """
      #!/bin/sh
      me="$CAPATAZ_JOB_ID $CAPATAZ_ATTEMPT"
      echo "start $me $$" >>"$1"
      [ "$6" = - ] || echo "start $me" >>"$6"
      filler=$(printf "%0$4d" 0)
      i=0
      while [ $i -lt "$2" ]; do
        i=$((i + 1))
        line="line $i of $me $filler"
        echo "print $me $line" >>"$1"
        echo "$line"
        sleep "$3"
      done
      code=0
      [ "$CAPATAZ_ATTEMPT" -gt "$5" ] || code=3
      [ "$6" = - ] || echo "end $me" >>"$6"
      echo "end $me $code" >>"$1"
      exit $code
      """;

  /** One attempt of one job. */
  record Attempt(String job, int number) {}

  /**
   * What one attempt has written down.
   *
   * @param starts how often it was started
   * @param printed what it printed, or was about to
   * @param end its exit code, if it came to its end
   */
  record Run(int starts, String printed, OptionalInt end) {

    private static final Run NONE = new Run(0, "", OptionalInt.empty());

    boolean isComplete() {
      return starts == 1 && end.isPresent();
    }
  }

  Witness {
    runs = Map.copyOf(runs);
  }

  static Witness read(Path file) throws IOException {
    Map<Attempt, Run> runs = new LinkedHashMap<>();
    for (String line : lines(file)) {
      String[] words = line.split(" ", 4);
      Attempt attempt = new Attempt(words[1], Integer.parseInt(words[2]));
      Run run = runs.getOrDefault(attempt, Run.NONE);
      runs.put(
          attempt,
          switch (words[0]) {
            case "start" -> new Run(run.starts() + 1, run.printed(), run.end());
            case "print" -> new Run(run.starts(), run.printed() + words[3] + "\n", run.end());
            case "end" ->
                new Run(run.starts(), run.printed(), OptionalInt.of(Integer.parseInt(words[3])));
            default -> throw new IllegalStateException(file + " holds: " + line);
          });
    }
    return new Witness(runs);
  }

  Optional<Run> of(String job, int attempt) {
    return Optional.ofNullable(runs.get(new Attempt(job, attempt)));
  }

  /** The attempts of a job that were started. */
  List<Attempt> startsOf(String job) {
    return runs.keySet().stream().filter(attempt -> attempt.job().equals(job)).toList();
  }

  /** The jobs that were started. */
  Collection<String> jobs() {
    return runs.keySet().stream().map(Attempt::job).distinct().toList();
  }

  /**
   * The attempts that were started while another had not come to its end, by a file that all of
   * them share: its order is theirs, and no clock is asked. Each with those it ran beside.
   */
  static Map<Attempt, List<Attempt>> overlaps(Path shared) throws IOException {
    Map<Attempt, List<Attempt>> overlaps = new LinkedHashMap<>();
    List<Attempt> running = new ArrayList<>();
    for (String line : lines(shared)) {
      String[] words = line.split(" ", -1);
      Attempt attempt = new Attempt(words[1], Integer.parseInt(words[2]));
      if (words[0].equals("start")) {
        if (!running.isEmpty()) {
          overlaps.put(attempt, List.copyOf(running));
        }
        running.add(attempt);
      } else {
        running.remove(attempt);
      }
    }
    return overlaps;
  }

  private static List<String> lines(Path file) throws IOException {
    return Files.exists(file) ? Files.readAllLines(file, StandardCharsets.UTF_8) : List.of();
  }
}
