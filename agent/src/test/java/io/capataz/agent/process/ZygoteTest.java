package io.capataz.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.agent.cgroup.ControlGroups;
import io.capataz.agent.process.Keepers.Form;
import io.capataz.agent.process.Keepers.Found;
import io.capataz.testing.Repetitions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The zygote dies, hangs and is replaced; runs neither notice, nor get lost, nor start twice. */
class ZygoteTest {

  private static final int RUNS = Repetitions.of("agent.zygote.runs");
  private static final long SEED = Long.getLong("capataz.seed", System.nanoTime() % 1_000_000);

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final ControlGroups NO_GROUPS = ControlGroups.find(Path.of("/no/proc"), "none");

  private static final RunLimits LIMITS =
      new RunLimits(Duration.ofMinutes(5), Duration.ofSeconds(5), Signal.SIGTERM, false, 1 << 20);

  @TempDir Path folder;

  private final ExecutorService waiters = Executors.newCachedThreadPool();
  private final List<Keepers> all = new ArrayList<>();
  private Keepers keepers;

  @BeforeEach
  void layOut() throws IOException {
    TriedKeepers.FORKED.mustBeThere();
    keepers = keepers(Duration.ofSeconds(10));
  }

  @AfterEach
  void letGo() {
    all.forEach(Keepers::close);
    waiters.shutdownNow();
  }

  private Keepers keepers(Duration forking) throws IOException {
    var made =
        Keepers.in(
            folder.resolve("bin"),
            Optional.of(Form.NATIVE),
            NO_GROUPS,
            waiters,
            Optional.of(forking));
    all.add(made);
    return made;
  }

  private static int zygote(Keepers of) {
    return of.zygote().orElseThrow().pid();
  }

  private static boolean lives(int pid) {
    return ProcessTable.start(pid).isPresent();
  }

  private Path folderOf(String name) throws IOException {
    return Files.createDirectory(folder.resolve(name));
  }

  private SupervisedRun start(Path run, String script) throws IOException {
    var environment = Map.of("PATH", "/usr/bin:/bin");
    return keepers.start(
        run, new Command(List.of("/bin/bash", "-c", script), environment, folder), LIMITS);
  }

  private static ExitRecord end(SupervisedRun run) throws Exception {
    return run.over().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private static int keeper(Path run) throws IOException {
    return Integer.parseInt(KeeperFiles.in(run).keeper().orElseThrow()[0]);
  }

  @Test
  void forks_keepers_that_show_their_run_and_have_sessions_of_their_own() throws Exception {
    var run = folderOf("run");
    var supervised = start(run, "while [ ! -e go ]; do sleep 0.02; done");

    int keeper = keeper(run);
    var stat = Files.readString(Path.of("/proc/" + keeper + "/stat")).split(" ", -1);
    assertThat(stat[3]).as("parent").isEqualTo(Integer.toString(zygote(keepers)));
    assertThat(stat[5]).as("session").isEqualTo(stat[0]);
    assertThat(Files.readString(Path.of("/proc/" + keeper + "/cmdline"))).contains(run.toString());

    Files.createFile(folder.resolve("go"));
    assertThat(end(supervised).exit()).contains(new ExitStatus.Exited(0));
    await().atMost(PATIENCE).until(() -> !lives(keeper));
  }

  @Test
  void a_keeper_has_nothing_of_another_run() throws Exception {
    var first = folderOf("first");
    var one = start(first, "while [ ! -e go ]; do sleep 0.02; done");
    var second = folderOf("second");
    var environment = Map.of("SECRET", "of the second", "PATH", "/usr/bin:/bin");
    var wait = "while [ ! -e go ]; do sleep 0.02; done";
    var other =
        keepers.start(
            second, new Command(List.of("/bin/bash", "-c", wait), environment, folder), LIMITS);

    var files = openFiles(keeper(second));
    assertThat(files.values())
        .contains(second.toRealPath().toString())
        .noneMatch(target -> target.contains("/first"))
        .noneMatch(target -> target.startsWith("socket:"))
        .filteredOn(target -> target.startsWith("pipe:"))
        .hasSize(3)
        .noneMatch(openFiles(keeper(first)).values()::contains);
    assertThat(files).as("0, 1, 2, signals, folder, record, two pipes").hasSize(8);
    assertThat(openFiles(zygote(keepers)).values())
        .as("nothing of an order that it has passed on")
        .allMatch(target -> target.equals("/dev/null") || target.startsWith("socket:"));

    Files.createFile(folder.resolve("go"));
    end(one);
    end(other);
  }

  /** Descriptors of a process and what they lead to. */
  private static Map<Integer, String> openFiles(int pid) throws IOException {
    var files = new HashMap<Integer, String>();
    try (var all = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
      for (var one : all) {
        files.put(
            Integer.parseInt(one.getFileName().toString()), Files.readSymbolicLink(one).toString());
      }
    }
    return files;
  }

  @Test
  void its_death_is_not_noticed_by_what_runs_and_a_new_one_takes_its_place() throws Exception {
    var run = folderOf("run");
    var supervised = start(run, "while [ ! -e go ]; do sleep 0.02; done; echo went; exit 6");
    int dead = zygote(keepers);

    LibC.kill(dead, Signal.SIGKILL.number());

    var next = folderOf("next");
    assertThat(end(start(next, "exit 3")).exit()).contains(new ExitStatus.Exited(3));
    assertThat(zygote(keepers)).isNotEqualTo(dead);
    assertThat(lives(dead)).as("and is reaped").isFalse();
    Files.createFile(folder.resolve("go"));
    assertThat(end(supervised).exit()).contains(new ExitStatus.Exited(6));
    assertThat(Printed.out(run)).isEqualTo("went\n");
  }

  @Test
  void what_it_forked_can_be_stopped_after_its_death() throws Exception {
    var supervised = start(folderOf("run"), "sleep 600");
    LibC.kill(zygote(keepers), Signal.SIGKILL.number());

    supervised.stop("CANCEL", Duration.ofSeconds(5));

    assertThat(end(supervised).ending()).contains("CANCEL");
  }

  @Test
  void one_that_hangs_is_replaced() throws Exception {
    keepers = keepers(Duration.ofMillis(200));
    int hung = zygote(keepers);
    LibC.kill(hung, 19 /* SIGSTOP */);

    var run = folderOf("run");
    assertThat(end(start(run, "echo once >> starts; exit 4")).exit())
        .contains(new ExitStatus.Exited(4));

    assertThat(lives(hung)).isFalse();
    assertThat(folder.resolve("starts")).hasContent("once");
  }

  @Test
  void ends_with_the_agent_while_its_keepers_go_on_and_the_next_life_has_its_own()
      throws Exception {
    var run = folderOf("run");
    var supervised = start(run, "while [ ! -e go ]; do sleep 0.02; done; echo went; exit 5");
    int old = zygote(keepers);

    var next = keepers(Duration.ofSeconds(10));
    assertThat(zygote(next)).as("beside the old one").isNotEqualTo(old);
    keepers.close();

    assertThat(lives(old)).isFalse();
    var again = ((Found.Started) next.find(run)).run();
    Files.createFile(folder.resolve("go"));
    assertThat(end(again).exit()).contains(new ExitStatus.Exited(5));
    assertThat(end(supervised)).isEqualTo(end(again));
    assertThat(Printed.out(run)).isEqualTo("went\n");
  }

  /** As when the agent is killed: nobody says anything to the zygote. */
  @Test
  void ends_when_nobody_has_the_other_end_of_its_socket() throws Exception {
    var ends = SocketCalls.pair();
    var hello = LibC.pipe();
    Command command = new Command(List.of(program(), "--zygote", " "), Map.of(), Path.of("/"));
    int pid = Spawner.start(command, ends.other(), hello.writeEnd());
    LibC.close(ends.other());
    LibC.close(hello.writeEnd());
    assertThat(FileCalls.read(hello.readEnd(), 100)).asString().startsWith("capataz-keeper ");
    LibC.close(hello.readEnd());

    LibC.close(ends.own());

    assertThat(LibC.awaitEnd(pid)).isEqualTo(new ExitStatus.Exited(0));
    LibC.reap(pid);
  }

  private String program() throws IOException {
    try (var programs = Files.list(folder.resolve("bin"))) {
      return programs.findFirst().orElseThrow().toString();
    }
  }

  /**
   * Kills it at random moments while runs are started from several threads. Each script writes down
   * that it was started.
   */
  @Test
  void of_many_runs_none_is_lost_and_none_starts_twice() throws Exception {
    var random = new Random(SEED);
    var over = new AtomicBoolean();
    var names = IntStream.range(0, RUNS).mapToObj(i -> "run-" + i).toList();
    var witness = Files.createDirectory(folder.resolve("witness"));
    int kills;
    try (var workers = Executors.newFixedThreadPool(4)) {
      var runs = new ArrayList<Callable<ExitRecord>>();
      for (var name : names) {
        var run = folderOf(name);
        runs.add(() -> end(start(run, "echo $$ >> " + witness + "/" + name + "; exit 9")));
      }
      var killer =
          waiters.submit(
              () -> {
                int done = 0;
                while (!over.get()) {
                  keepers.zygote().ifPresent(Zygote::kill);
                  done++;
                  LockSupport.parkNanos(random.nextInt(20_000_000));
                }
                return done;
              });
      for (var ended : workers.invokeAll(runs)) {
        assertThat(ended.get().exit()).contains(new ExitStatus.Exited(9));
      }
      over.set(true);
      kills = killer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
    System.out.printf("zygote kills: seed %d, %d kills, %d runs%n", SEED, kills, names.size());
    assertThat(kills).isPositive();
    for (var name : names) {
      assertThat(Files.readAllLines(witness.resolve(name))).as(name).hasSize(1);
    }
  }

  /**
   * Kills keepers at random moments, most of them before they have answered. What is found of a run
   * then is true: what has not started never will, and nothing starts twice.
   */
  @Test
  void of_killed_keepers_none_starts_a_script_twice_and_none_that_is_said_not_to_start()
      throws Exception {
    var random = new Random(SEED);
    var over = new AtomicBoolean();
    var witness = Files.createDirectory(folder.resolve("witness"));
    var killer =
        waiters.submit(
            () -> {
              int done = 0;
              while (!over.get()) {
                done += killAKeeper();
                LockSupport.parkNanos(random.nextInt(2_000_000));
              }
              return done;
            });
    var found = new HashMap<String, Found>();
    for (int i = 0; i < RUNS; i++) {
      var name = "run-" + i;
      found.put(name, kept(folderOf(name), "echo $$ >> " + witness + "/" + name + "; exit 9"));
    }
    over.set(true);
    int kills = killer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(found.values())
        .as("not all are lost")
        .hasAtLeastOneElementOfType(Found.Started.class);
    System.out.printf("keeper kills: seed %d, %d kills, %d runs%n", SEED, kills, RUNS);
    assertThat(kills).isPositive();
    for (var one : found.entrySet()) {
      var file = witness.resolve(one.getKey());
      int starts = Files.exists(file) ? Files.readAllLines(file).size() : 0;
      switch (one.getValue()) {
        case Found.Started(SupervisedRun run) -> {
          // A keeper that is killed is found until it is gone, and then has no record.
          boolean isLost = run.over().handle((_, gone) -> gone != null).get(20, TimeUnit.SECONDS);
          assertThat(starts).as(one.getKey()).isBetween(isLost ? 0 : 1, 1);
        }
        case Found.NotStarted _, Found.Failed _ -> assertThat(starts).as(one.getKey()).isZero();
        case Found.Lost _ -> assertThat(starts).as(one.getKey()).isLessThanOrEqualTo(1);
      }
    }
  }

  /** Kills a child of the zygote, if it has one; how many. */
  private int killAKeeper() throws IOException {
    int pid = zygote(keepers);
    var children = Files.readString(Path.of("/proc/" + pid + "/task/" + pid + "/children")).strip();
    if (children.isEmpty()) {
      return 0;
    }
    LibC.kill(Integer.parseInt(children.split(" ", -1)[0]), Signal.SIGKILL.number());
    return 1;
  }

  /** What the next life of the agent finds of a run, once it is over. */
  private Found kept(Path run, String script) throws Exception {
    try {
      var _ = start(run, script).over().handle((_, gone) -> gone).get(20, TimeUnit.SECONDS);
    } catch (SpawnFailed e) {
      assertThat(keepers.find(run))
          .as("what could not be started")
          .isNotInstanceOf(Found.Lost.class);
    }
    return keepers.find(run);
  }
}
