package io.capataz.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.capataz.agent.cgroup.ControlGroups;
import io.capataz.agent.cgroup.GroupFiles;
import io.capataz.agent.process.Keepers.Form;
import io.capataz.testing.Missing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Which ways to escape from a run are closed by which containment method. One script tries them
 * all; then {@code /proc} is checked, not the keeper. The result is printed as a table.
 */
@ParameterizedClass
@MethodSource("methods")
class KillMatrixTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration GRACE = Duration.ofMillis(300);

  /** Number of forks after which a hydra counts as started. */
  private static final int HEADS = 3;

  private static final String VARIABLE = Keepers.MARKER + "=";

  private static final Map<Method, Map<Escape, String>> MATRIX = new ConcurrentHashMap<>();

  /** What keeps a run together. */
  enum Method {
    NATIVE_V2("native keeper, cgroup v2", Form.NATIVE, "cgroup-v2", "nothing"),
    NATIVE_V1("native keeper, cgroup v1", Form.NATIVE, "cgroup-v1", " - cgroup2 "),
    NATIVE("native keeper alone", Form.NATIVE, "none", ""),
    SHELL_V2("shell's keeper, cgroup v2", Form.SHELL, "cgroup-v2", "nothing"),
    SHELL_V1("shell's keeper, cgroup v1", Form.SHELL, "cgroup-v1", " - cgroup2 "),
    SHELL("shell's keeper alone", Form.SHELL, "none", "");

    private final String words;
    private final Form form;
    private final String groups;

    /** Pattern of the control group mounts to hide; empty for none. */
    private final String hidden;

    Method(String words, Form form, String groups, String hidden) {
      this.words = words;
      this.form = form;
      this.groups = groups;
      this.hidden = hidden;
    }

    /** Whether it guarantees to end this escape. */
    boolean ends(Escape escape) {
      // Alone, it knows processes by session and environment, and chases those that fork.
      return this != SHELL || (escape != Escape.NO_ENVIRONMENT && escape != Escape.HYDRA_SETSID);
    }
  }

  /** The parent of a process. */
  private enum Parent {
    SCRIPT,
    GONE,
    ANY
  }

  /** A way to escape, and its position in the process table. */
  enum Escape {
    CHILD("child, same group", true, true, Parent.SCRIPT),
    ORPHAN("orphan, same group", true, true, Parent.GONE),
    GROUP_CHILD("child in own group (`set -m`)", false, true, Parent.SCRIPT),
    GROUP_ORPHAN("orphan in own group", false, true, Parent.GONE),
    SETSID_CHILD("setsid child", false, false, Parent.SCRIPT),
    DAEMON("setsid daemon (double fork)", false, false, Parent.GONE),
    NO_ENVIRONMENT("same, environment emptied", false, false, Parent.GONE),
    OTHER_USER("same, other uid", false, false, Parent.GONE),
    IGNORES("ignores SIGTERM", true, true, Parent.SCRIPT),
    FORKS_ON_TERM("forks anew on SIGTERM", true, true, Parent.ANY),
    HYDRA("hydra, same session", true, true, Parent.ANY),
    HYDRA_SETSID("hydra, setsid each time", false, false, Parent.ANY);

    private final String words;
    private final boolean inGroup;
    private final boolean inSession;
    private final Parent parent;

    Escape(String words, boolean inGroup, boolean inSession, Parent parent) {
      this.words = words;
      this.inGroup = inGroup;
      this.inSession = inSession;
      this.parent = parent;
    }

    boolean isHydra() {
      return this == HYDRA || this == HYDRA_SETSID;
    }
  }

  /** A process with the mark of this test, or part of it. */
  private record Marked(
      int pid, int parent, int group, int session, List<String> argv, boolean hasVariable) {}

  /**
   * Every process of an escape has the mark and the name of the escape as a word of its command
   * line.
   */
  private static final String ESCAPES =
      """
      mark=$1
      become() { exec -a "$mark-$1" sleep 600; }
      leave='exec -a "$0" sleep 600 &'

      become CHILD &
      ( become ORPHAN & )
      set -m
      become GROUP_CHILD &
      ( become GROUP_ORPHAN & )
      set +m
      setsid bash -c 'exec -a "$0" sleep 600' "$mark-SETSID_CHILD" &
      setsid bash -c "$leave" "$mark-DAEMON"
      setsid env -i /bin/bash -c "$leave" "$mark-NO_ENVIRONMENT"
      if [ "$2" = true ]; then
        setsid setpriv --reuid 65534 --clear-groups bash -c "$leave" "$mark-OTHER_USER"
      fi
      ( trap '' TERM; become IGNORES ) &
      bash forks-on-term.sh "$mark-FORKS_ON_TERM" &
      ( trap '' TERM; exec bash hydra.sh "$mark-HYDRA" '' 0 ) &
      ( trap '' TERM; exec setsid bash hydra.sh "$mark-HYDRA_SETSID" setsid 0 ) &
      echo all started
      wait
      """;

  private static final String FORKS_ON_TERM =
      """
      trap 'bash "$0" "$1" & exit' TERM
      while :; do
        (exec -a "$1" sleep 600) &
        wait
      done
      """;

  /** Ends when there is no `alive`, so that a failed test leaves none behind. */
  private static final String HYDRA =
      """
      [ -e alive ] && [ "$3" -lt 20000 ] || exit
      read -r -t 0.005 <>never
      $2 bash "$0" "$1" "$2" $(($3 + 1)) &
      """;

  @Parameter Method method = Method.NATIVE;

  @TempDir Path folder;

  private final ExecutorService waiters = Executors.newCachedThreadPool();
  private final String mark = "escape-" + UUID.randomUUID();
  private final List<Path> runs = new ArrayList<>();
  private ControlGroups groups = ControlGroups.find(Path.of("/no/proc"), "none");
  private Optional<Keepers> keepers = Optional.empty();
  private Optional<Path> frozen = Optional.empty();

  static Stream<Method> methods() {
    return Stream.of(Method.values()).filter(method -> TriedKeepers.isTried(method.form));
  }

  @BeforeEach
  void layOut() throws Exception {
    TriedKeepers.mustBeThere(method.form);
    groups = groups();
    Missing.unless(
        groups.method().equals(method.groups),
        "%s is not tested on this host. %s".formatted(method.words, groups.why()));
    keepers =
        Optional.of(Keepers.in(folder.resolve("bin"), Optional.of(method.form), groups, waiters));
    Files.writeString(folder.resolve("escapes.sh"), ESCAPES);
    Files.writeString(folder.resolve("forks-on-term.sh"), FORKS_ON_TERM);
    Files.writeString(folder.resolve("hydra.sh"), HYDRA);
    Files.createFile(folder.resolve("alive"));
    var never = folder.resolve("never");
    assertThat(new ProcessBuilder("mkfifo", never.toString()).start().waitFor()).isZero();
  }

  private ControlGroups groups() throws IOException {
    var proc = folder.resolve("proc");
    if (!method.hidden.isEmpty()) {
      var self = Files.createDirectories(proc.resolve("self"));
      Files.write(
          self.resolve("mountinfo"),
          Files.readAllLines(Path.of("/proc/self/mountinfo"), StandardCharsets.UTF_8).stream()
              .filter(line -> !line.contains(method.hidden))
              .toList());
      Files.writeString(self.resolve("cgroup"), Files.readString(Path.of("/proc/self/cgroup")));
    }
    return ControlGroups.find(proc, "capataz-matrix-" + UUID.randomUUID());
  }

  @AfterEach
  void leaveNothingBehind() throws IOException {
    Files.deleteIfExists(folder.resolve("alive"));
    if (frozen.isPresent()) {
      Files.writeString(frozen.get().resolve("freezer.state"), "THAWED");
    }
    await().atMost(PATIENCE).until(this::killedAll);
    if (frozen.isPresent()) {
      await().atMost(PATIENCE).until(() -> frozen.get().toFile().delete());
    }
    keepers.ifPresent(
        found -> {
          runs.forEach(found::release);
          found.close();
        });
    waiters.shutdownNow();
  }

  private boolean killedAll() throws IOException {
    var left = marked();
    left.forEach(process -> LibC.kill(process.pid(), Signal.SIGKILL.number()));
    return left.isEmpty();
  }

  /** For docs/reliability.md. */
  @AfterAll
  static void report() {
    var table = new StringBuilder("| way out |");
    for (var method : Method.values()) {
      table.append(' ').append(method.words).append(" |");
    }
    table.append("\n|").append("---|".repeat(Method.values().length + 1));
    for (var escape : Escape.values()) {
      table.append("\n| ").append(escape.words).append(" |");
      for (var method : Method.values()) {
        Map<Escape, String> cells = MATRIX.getOrDefault(method, Map.of());
        table.append(' ').append(cells.getOrDefault(escape, "not tried")).append(" |");
      }
    }
    System.out.println(table);
  }

  @Test
  void whatever_way_out_is_tried_is_shut() throws Exception {
    var supervised = startEscapes(Duration.ofMinutes(5));
    assertThat(allUp(supervised)).as("there are all of them").isTrue();

    supervised.stop("CANCEL", GRACE);
    var end = end(supervised);

    var alive = alive();
    note(end, alive);
    assertThat(end.ending()).contains("CANCEL");
    assertShut(end, alive);
  }

  @Test
  void the_same_when_its_time_is_up() throws Exception {
    assumeThat(method).as("the way to its end is the same").isEqualTo(Method.NATIVE);
    // It is unknown beforehand how long it takes until all are there.
    for (int seconds = 4; ; seconds *= 2) {
      var supervised = startEscapes(Duration.ofSeconds(seconds));
      boolean allUp = allUp(supervised);
      var end = end(supervised);
      assertThat(end.ending()).contains("TIMEOUT");
      assertShut(end, alive());
      if (allUp) {
        return;
      }
      assertThat(seconds).as("seconds until all were there").isLessThan(60);
    }
  }

  @Test
  void what_cannot_be_killed_is_named() throws Exception {
    var freezer = Path.of("/sys/fs/cgroup/freezer");
    Missing.unless(
        Files.isWritable(freezer),
        "without the freezer of cgroup v1 nothing is deaf to SIGKILL on this host");
    var script = "bash -c 'exec -a \"$0\" sleep 600' \"$1-CHILD\" & wait";
    var supervised = start(Duration.ofMinutes(5), "/bin/bash", "-c", script, "bash", mark);
    await().atMost(PATIENCE).until(() -> isUp(Escape.CHILD, marked(), supervised));
    int deaf = of(Escape.CHILD, marked()).getFirst().pid();
    var cold = Files.createDirectory(freezer.resolve("capataz-frozen-" + UUID.randomUUID()));
    frozen = Optional.of(cold);
    GroupFiles.write(cold.resolve("cgroup.procs"), Integer.toString(deaf));
    GroupFiles.write(cold.resolve("freezer.state"), "FROZEN");
    await()
        .atMost(PATIENCE)
        .until(() -> Files.readString(cold.resolve("freezer.state")).startsWith("FROZEN"));

    supervised.stop("CANCEL", GRACE);
    var end = end(supervised);

    assertThat(end.survivors())
        .containsExactly(new LiveProcess(deaf, mark + "-" + Escape.CHILD + " 600"));
    assertThat(end.signals().getLast().signal()).isEqualTo("SIGKILL");
    assertThat(alive()).containsExactly(Escape.CHILD);
    GroupFiles.write(cold.resolve("freezer.state"), "THAWED");
    await().atMost(PATIENCE).until(() -> alive().isEmpty());
  }

  @Test
  void what_lives_in_a_group_within_the_runs_own_is_found_there() throws Exception {
    assumeThat(method.groups).as("there is a group").isNotEqualTo("none");
    var script =
        "setsid env -i /bin/bash -c 'exec -a \"$0\" sleep 600 &' \"$1-NO_ENVIRONMENT\";"
            + " while [ -e alive ]; do sleep 0.05; done";
    var supervised = start(Duration.ofMinutes(5), "/bin/bash", "-c", script, "bash", mark);
    await().atMost(PATIENCE).until(() -> isUp(Escape.NO_ENVIRONMENT, marked(), supervised));
    int daemon = of(Escape.NO_ENVIRONMENT, marked()).getFirst().pid();
    var own = GroupFiles.folder(groups, runs.getFirst().getFileName().toString());
    var inner = Files.createDirectory(own.resolve("inner"));
    GroupFiles.write(inner.resolve("cgroup.procs"), Integer.toString(daemon));

    Files.delete(folder.resolve("alive"));
    var end = end(supervised);

    assertThat(marked()).isEmpty();
    assertThat(end.survivors()).isEmpty();
    assertThat(end.signals()).extracting(ExitRecord.Sent::why).containsOnly("LEFT_BEHIND");
  }

  private void assertShut(ExitRecord end, Set<Escape> alive) throws IOException {
    assertThat(alive).as("alive, of which it promises the end").noneMatch(method::ends);
    assertThat(end.signals()).extracting(ExitRecord.Sent::signal).contains("SIGTERM", "SIGKILL");
    if (EnumSet.allOf(Escape.class).stream().allMatch(method::ends)) {
      assertThat(end.survivors()).isEmpty();
      assertThat(marked()).isEmpty();
    } else {
      // Survivors are real, but may lack a command that was gone before it was read.
      assertThat(end.survivors())
          .allSatisfy(
              survivor -> assertThat(survivor.command()).matches("|.*" + mark + "-HYDRA_SETSID.*"));
    }
  }

  private void note(ExitRecord end, Set<Escape> alive) {
    var cells = new EnumMap<Escape, String>(Escape.class);
    for (var escape : tried()) {
      boolean isNamed =
          end.survivors().stream()
              .anyMatch(survivor -> survivor.command().contains(mark + "-" + escape));
      cells.put(
          escape,
          !alive.contains(escape) ? "ok" : isNamed ? "**survives**, named" : "**survives**");
    }
    MATRIX.put(method, cells);
  }

  private SupervisedRun start(Duration timeout, String... argv) throws IOException {
    var run = Files.createDirectory(folder.resolve("run-" + UUID.randomUUID()));
    runs.add(run);
    return keepers
        .orElseThrow()
        .start(
            run,
            new Command(List.of(argv), Map.of("PATH", "/usr/bin:/bin"), folder),
            new RunLimits(timeout, GRACE, Signal.SIGTERM, false, 1 << 20));
  }

  private SupervisedRun startEscapes(Duration timeout) throws IOException {
    var otherUser = Boolean.toString(tried().contains(Escape.OTHER_USER));
    return start(timeout, "/bin/bash", "escapes.sh", mark, otherUser);
  }

  private static ExitRecord end(SupervisedRun supervised) throws Exception {
    return supervised.over().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** Only root can switch to another user. */
  private static Set<Escape> tried() {
    var tried = EnumSet.allOf(Escape.class);
    if (!"root".equals(System.getProperty("user.name"))
        || !Files.isExecutable(Path.of("/usr/bin/setpriv"))) {
      tried.remove(Escape.OTHER_USER);
    }
    return tried;
  }

  /** Waits until every escape was taken; false if the run ended first. */
  private boolean allUp(SupervisedRun supervised) {
    var missing = EnumSet.copyOf(tried());
    await("escapes")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              var marked = marked();
              missing.removeIf(escape -> isUp(escape, marked, supervised));
              return missing.isEmpty() || supervised.over().isDone();
            });
    return missing.isEmpty();
  }

  /** Whether the process has reached its final state. */
  private boolean isUp(Escape escape, List<Marked> marked, SupervisedRun supervised) {
    var pids = marked.stream().map(Marked::pid).collect(Collectors.toSet());
    return of(escape, marked).stream()
        .filter(process -> (process.group() == supervised.pid()) == escape.inGroup)
        .filter(process -> (process.session() == supervised.pid()) == escape.inSession)
        .filter(process -> process.hasVariable() == (escape != Escape.NO_ENVIRONMENT))
        .filter(
            process ->
                switch (escape.parent) {
                  case SCRIPT -> process.parent() == supervised.pid();
                  case GONE -> !pids.contains(process.parent());
                  case ANY -> true;
                })
        .anyMatch(
            process -> {
              var argv = process.argv();
              int heads = argv.indexOf(mark + "-" + escape) + 2;
              return escape.isHydra()
                  ? heads < argv.size() && Integer.parseInt(argv.get(heads)) >= HEADS
                  : argv.getFirst().equals(mark + "-" + escape);
            });
  }

  private List<Marked> of(Escape escape, List<Marked> marked) {
    return marked.stream().filter(process -> process.argv().contains(mark + "-" + escape)).toList();
  }

  private Set<Escape> alive() throws IOException {
    var marked = marked();
    return EnumSet.allOf(Escape.class).stream()
        .filter(escape -> !of(escape, marked).isEmpty())
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Escape.class)));
  }

  /** Live processes with the mark in their command line; a zombie has none. */
  private List<Marked> marked() throws IOException {
    var found = new ArrayList<Marked>();
    try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
      for (var process : processes) {
        marked(process).ifPresent(found::add);
      }
    }
    return found;
  }

  private Optional<Marked> marked(Path process) {
    try {
      var command = text(process.resolve("cmdline"));
      if (!command.contains(mark)) {
        return Optional.empty();
      }
      var stat = text(process.resolve("stat"));
      var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return Optional.of(
          new Marked(
              Integer.parseInt(process.getFileName().toString()),
              Integer.parseInt(fields[1]),
              Integer.parseInt(fields[2]),
              Integer.parseInt(fields[3]),
              List.of(command.split("\0", -1)),
              Stream.of(text(process.resolve("environ")).split("\0", -1))
                  .anyMatch(variable -> variable.startsWith(VARIABLE))));
    } catch (IOException e) {
      return Optional.empty(); // Ended in the meantime.
    }
  }

  private static String text(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.ISO_8859_1);
  }
}
