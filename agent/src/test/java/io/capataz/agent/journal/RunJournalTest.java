package io.capataz.agent.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.capataz.agent.journal.JournalEntry.Claiming;
import io.capataz.agent.journal.JournalEntry.Granted;
import io.capataz.agent.journal.JournalEntry.Over;
import io.capataz.agent.journal.JournalEntry.Starting;
import io.capataz.agent.journal.RunJournal.OpenRun;
import io.capataz.common.protocol.AttemptId;
import io.capataz.testing.Repetitions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunJournalTest {

  private static final AttemptId A = new AttemptId("a", 1);
  private static final AttemptId B = new AttemptId("b", 2);
  private static final AttemptId C = new AttemptId("c", 1);

  private static final List<JournalEntry> STORY =
      List.of(
          new Claiming("one"),
          new Claiming("two"),
          new Granted("one", List.of(A, B)),
          new Starting(B, "one", "b-2-x"),
          new Starting(A, "one", "ä-1-x"),
          new Granted("two", List.of()),
          new Over(B, "one"),
          new Claiming("three"),
          new Granted("three", List.of(C)),
          new Over(C, "three"),
          new Claiming("four"),
          new Over(A, "one"));

  /** Number of random histories with a bad disk; increase it when changing the journal. */
  private static final int SEEDS = Repetitions.of("agent.journal.disks");

  private static final int KILLS = Repetitions.of("agent.journal.kills");
  private static final int MOST_KILLS = 20;

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("journal");
  }

  /** What a journal contains when it is opened. */
  private record Seen(List<String> claims, List<OpenRun> runs) {
    static Seen of(RunJournal journal) {
      return new Seen(journal.openClaims(), journal.openRuns());
    }

    static Seen of(List<JournalEntry> entries) {
      var work = new JournalState();
      entries.forEach(work::add);
      return new Seen(work.claims(), work.runs());
    }
  }

  /** The real disk, without waiting for durability. */
  private static class Hasty implements JournalDisk {

    int created;

    @Override
    public JournalFile create(Path file) throws IOException {
      created++;
      var opened = REAL.create(file);
      return new JournalFile() {
        @Override
        public void write(long position, byte[] bytes) throws IOException {
          opened.write(position, bytes);
        }

        @Override
        public void force() throws IOException {
          Hasty.this.force();
        }

        @Override
        public void truncate(long length) throws IOException {
          opened.truncate(length);
        }

        @Override
        public void close() throws IOException {
          opened.close();
        }
      };
    }

    void force() throws IOException {}

    @Override
    public void replace(Path file, Path fresh) throws IOException {
      REAL.replace(file, fresh);
    }

    @Override
    public void forceFolder(Path folder) {}
  }

  private RunJournal hastily() throws IOException {
    return RunJournal.open(file, new Hasty(), Long.MAX_VALUE);
  }

  private Seen reopened() throws IOException {
    try (var journal = RunJournal.open(file)) {
      return Seen.of(journal);
    }
  }

  private static void append(RunJournal journal, JournalEntry entry) throws IOException {
    switch (entry) {
      case Claiming(String claim) -> journal.claiming(claim);
      case Granted(String claim, List<AttemptId> attempts) -> journal.granted(claim, attempts);
      case Starting(AttemptId attempt, String claim, String name) ->
          journal.starting(attempt, claim, name);
      case Over(AttemptId attempt, String claim) -> journal.over(attempt, claim);
    }
  }

  private static byte[] bytes(List<JournalEntry> entries) {
    var bytes = new ByteArrayOutputStream();
    entries.forEach(entry -> bytes.writeBytes(JournalFrames.frame(entry)));
    return bytes.toByteArray();
  }

  @Test
  void remembers_what_is_open_at_every_step() throws IOException {
    for (int told = 0; told <= STORY.size(); told++) {
      Files.deleteIfExists(file);
      try (var journal = RunJournal.open(file)) {
        for (var entry : STORY.subList(0, told)) {
          append(journal, entry);
        }
        assertThat(Seen.of(journal)).isEqualTo(Seen.of(STORY.subList(0, told)));
      }
      assertThat(reopened()).isEqualTo(Seen.of(STORY.subList(0, told)));
      assertThat(reopened()).as("again").isEqualTo(Seen.of(STORY.subList(0, told)));
    }
  }

  @Test
  void a_claim_is_open_until_each_of_its_attempts_is_started_or_over() throws IOException {
    try (var journal = hastily()) {
      journal.claiming("one");
      assertThat(Seen.of(journal)).isEqualTo(new Seen(List.of("one"), List.of()));
      journal.granted("one", List.of(A, B));
      journal.starting(A, "one", "a-1");
      assertThat(Seen.of(journal))
          .isEqualTo(new Seen(List.of("one"), List.of(new OpenRun(A, "one", "a-1"))));
      journal.over(B, "one");
      assertThat(Seen.of(journal))
          .isEqualTo(new Seen(List.of(), List.of(new OpenRun(A, "one", "a-1"))));
      journal.over(A, "one");
      assertThat(Seen.of(journal)).isEqualTo(new Seen(List.of(), List.of()));
    }
    assertThat(file).isNotEmptyFile();
    assertThat(reopened()).isEqualTo(new Seen(List.of(), List.of()));
    assertThat(file).isEmptyFile();
  }

  @Test
  void an_empty_answer_closes_a_claim() throws IOException {
    try (var journal = hastily()) {
      journal.claiming("one");
      journal.granted("one", List.of());
      assertThat(journal.openClaims()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void an_answer_that_is_repeated_after_a_restart_leaves_what_was_started_or_is_over(
      boolean answered) throws IOException {
    var d = new AttemptId("d", 1);
    try (var journal = hastily()) {
      journal.claiming("one");
      if (answered) {
        journal.granted("one", List.of(A, B, C, d));
      }
      journal.starting(A, "one", "a-1");
      journal.starting(B, "one", "b-2");
      journal.over(B, "one");
      journal.over(C, "one");
    }
    try (var journal = hastily()) {
      assertThat(journal.openClaims()).containsExactly("one");
      journal.claiming("one");
      journal.granted("one", List.of(A, B, C, d));

      assertThat(journal.openClaims()).as("d is still to be started").containsExactly("one");
      assertThat(journal.openRuns()).containsExactly(new OpenRun(A, "one", "a-1"));
      journal.over(d, "one");
      assertThat(journal.openClaims()).isEmpty();
      assertThat(journal.openRuns()).containsExactly(new OpenRun(A, "one", "a-1"));
    }
    try (var journal = hastily()) {
      journal.granted("one", List.of());
      assertThat(journal.openRuns()).containsExactly(new OpenRun(A, "one", "a-1"));
    }
  }

  @Test
  void an_answer_that_is_shorter_the_second_time_is_the_one_that_counts() throws IOException {
    try (var journal = hastily()) {
      journal.claiming("one");
      journal.granted("one", List.of(A, B));
      journal.granted("one", List.of(B));
      journal.over(B, "one");
      assertThat(journal.openClaims()).isEmpty();
    }
  }

  @Test
  void is_only_for_its_owner() throws IOException {
    var fresh = folder.resolve("journal.new");
    Files.writeString(fresh, "of a start that was killed");
    try (var journal = RunJournal.open(file)) {
      journal.claiming("one");
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(fresh).doesNotExist();
  }

  @Test
  void cut_anywhere_it_is_what_was_whole_before_and_goes_on() throws IOException {
    var whole = bytes(STORY);
    int entries = 0;
    int next = JournalFrames.frame(STORY.getFirst()).length;
    for (int cut = 0; cut <= whole.length; cut++) {
      if (cut == next) {
        entries++;
        next += entries < STORY.size() ? JournalFrames.frame(STORY.get(entries)).length : 1;
      }
      Files.write(file, Arrays.copyOf(whole, cut));
      var left = new ArrayList<JournalEntry>(STORY.subList(0, entries));
      var more = new Starting(new AttemptId("e", 1), "five", "e-1");
      try (var journal = hastily()) {
        assertThat(Seen.of(journal)).as("cut at %s", cut).isEqualTo(Seen.of(left));
        append(journal, more);
      }
      left.add(more);
      try (var journal = hastily()) {
        assertThat(Seen.of(journal)).as("cut at %s", cut).isEqualTo(Seen.of(left));
      }
    }
  }

  @Test
  void a_damaged_byte_never_makes_an_entry() throws IOException {
    var whole = bytes(STORY);
    int entries = 0;
    int next = JournalFrames.frame(STORY.getFirst()).length;
    for (int at = 0; at < whole.length; at++) {
      if (at == next) {
        entries++;
        next += JournalFrames.frame(STORY.get(entries)).length;
      }
      byte good = whole[at];
      for (int flip : new int[] {1, 2, 4, 8, 16, 32, 64, 128, 255, good}) {
        whole[at] = (byte) (good ^ flip);
        assertThat(JournalFrames.read(whole).entries())
            .as("byte %s, bits %s", at, flip)
            .isEqualTo(STORY.subList(0, good == 0 && flip == good ? STORY.size() : entries));
      }
      whole[at] = (byte) ~good;
      Files.write(file, whole);
      try (var journal = hastily()) {
        assertThat(Seen.of(journal)).isEqualTo(Seen.of(STORY.subList(0, entries)));
      }
      whole[at] = good;
    }
  }

  @Test
  void zeros_after_a_power_cut_are_no_entries() throws IOException {
    var whole = bytes(STORY);
    Files.write(file, Arrays.copyOf(whole, whole.length + 4096));
    assertThat(reopened()).isEqualTo(Seen.of(STORY));
  }

  @Test
  void an_entry_of_a_newer_agent_is_not_passed_over() throws IOException {
    var payload = "{\"type\":\"paused\",\"claim\":\"one\"}".getBytes(StandardCharsets.UTF_8);
    var checksum = new CRC32C();
    checksum.update(ByteBuffer.allocate(4).putInt(0, payload.length));
    checksum.update(payload);
    var bytes =
        ByteBuffer.allocate(8 + payload.length)
            .putInt(payload.length)
            .putInt((int) checksum.getValue())
            .put(payload)
            .array();
    Files.write(file, bytes);

    assertThatThrownBy(() -> RunJournal.open(file)).hasMessageContaining("a newer agent");
    assertThat(file).hasBinaryContent(bytes);
  }

  @Test
  void a_journal_that_cannot_be_read_is_not_taken_for_an_empty_one() throws IOException {
    Files.createDirectory(file);
    assertThatThrownBy(() -> RunJournal.open(file)).hasMessageContaining("Cannot use the journal");
  }

  @Test
  void is_tidied_and_keeps_what_is_open() throws IOException {
    var disk = new Hasty();
    int small = 4096;
    Seen before;
    try (var journal = RunJournal.open(file, disk, small)) {
      journal.claiming("kept");
      journal.granted("kept", List.of(A, B, C));
      journal.starting(B, "kept", "b-2");
      journal.over(C, "kept");
      journal.claiming("unanswered");
      for (int i = 0; i < 500; i++) {
        var attempt = new AttemptId("j" + i, 1);
        journal.claiming("claim-" + i);
        journal.granted("claim-" + i, List.of(attempt));
        journal.starting(attempt, "claim-" + i, "j" + i);
        if (i % 100 != 50) {
          journal.over(attempt, "claim-" + i);
        }
        assertThat(Files.size(file)).isLessThan(small + 500);
      }
      before = Seen.of(journal);
    }
    assertThat(disk.created).isBetween(10, 200);
    assertThat(before.claims).containsExactly("kept", "unanswered");
    assertThat(before.runs)
        .extracting(OpenRun::folder)
        .containsExactly("b-2", "j50", "j150", "j250", "j350", "j450");
    assertThat(reopened()).isEqualTo(before);
    try (var journal = hastily()) {
      journal.granted("kept", List.of(A, B, C));
      journal.over(A, "kept");
      assertThat(journal.openClaims()).as("c is over still").containsExactly("unanswered");
    }
  }

  @Test
  void what_is_open_is_not_tidied_over_and_over() throws IOException {
    var disk = new Hasty();
    try (var journal = RunJournal.open(file, disk, 4096)) {
      for (int i = 0; i < 2000; i++) {
        journal.starting(new AttemptId("j" + i, 1), "one", "j" + i);
      }
    }
    assertThat(disk.created).isLessThan(10);
  }

  @Test
  void a_thread_that_is_interrupted_closes_it_for_nobody() throws IOException {
    try (var journal = RunJournal.open(file, JournalDisk.REAL, 1)) {
      Thread.currentThread().interrupt();
      journal.claiming("one");
      journal.starting(A, "one", "a-1");
      journal.claiming("two");
      assertThat(Thread.interrupted()).isTrue();
      journal.over(A, "one");
    }
    assertThat(reopened()).isEqualTo(new Seen(List.of("one", "two"), List.of()));
  }

  @Test
  void after_it_is_closed_nothing_is_taken() throws IOException {
    var journal = RunJournal.open(file);
    journal.close();
    journal.close();
    assertThatThrownBy(() -> journal.claiming("one")).hasMessageContaining("is closed");
    assertThat(reopened()).isEqualTo(new Seen(List.of(), List.of()));
  }

  @Test
  @Timeout(60)
  void those_who_wait_for_the_disk_wait_together() throws Exception {
    var firstIsWaiting = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    var forces = new AtomicInteger();
    var disk =
        new Hasty() {
          @Override
          void force() throws IOException {
            // The first call is for the new file.
            if (forces.incrementAndGet() == 2) {
              firstIsWaiting.countDown();
              awaitQuietly(go);
            }
          }
        };
    var started = new ConcurrentLinkedQueue<String>();
    try (var journal = RunJournal.open(file, disk, Long.MAX_VALUE)) {
      var threads = new ArrayList<Thread>();
      threads.add(start(journal, "j0", started));
      firstIsWaiting.await();
      for (int i = 1; i < 6; i++) {
        threads.add(start(journal, "j" + i, started));
      }
      await().until(() -> journal.openRuns().size() == 6);
      assertThat(started).isEmpty();
      go.countDown();
      for (var thread : threads) {
        thread.join();
      }
      assertThat(started).hasSize(6);
      assertThat(forces).hasValue(3);
    }
  }

  private static void awaitQuietly(CountDownLatch latch) throws IOException {
    try {
      var _ = latch.await(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private static Thread start(RunJournal journal, String job, ConcurrentLinkedQueue<String> done) {
    return Thread.ofPlatform()
        .start(
            () -> {
              try {
                journal.starting(new AttemptId(job, 1), "one", job);
                done.add(job);
              } catch (IOException e) {
                done.add(e.toString());
                done.add("failed");
              }
            });
  }

  @Test
  void an_entry_that_did_not_fit_leaves_no_trace() throws IOException {
    var disk = new FaultyDisk(new Random(3));
    var journal = RunJournal.open(file, disk, Long.MAX_VALUE);
    journal.claiming("one");
    for (int i = 0; i < 50; i++) {
      disk.failing = 100;
      assertThatThrownBy(() -> journal.claiming("a claim with a name longer than that of others"))
          .hasMessage("No space left on device");
      disk.failing = 0;
      journal.claiming("c" + i);
      disk.killTo(file);
      var bytes = Files.readAllBytes(file);
      assertThat(JournalFrames.read(bytes).length()).isEqualTo(bytes.length);
    }
    var claims =
        Stream.concat(Stream.of("one"), IntStream.range(0, 50).mapToObj(i -> "c" + i)).toList();
    assertThat(Seen.of(journal)).isEqualTo(new Seen(claims, List.of()));
    disk.killTo(file);
    assertThat(reopened()).isEqualTo(new Seen(claims, List.of()));
  }

  @Test
  void a_claim_that_could_not_be_kept_is_forgotten() throws IOException {
    var disk = new FaultyDisk(new Random(3));
    var calls = new AtomicInteger();
    var failsOnce =
        new JournalDisk() {
          @Override
          public JournalFile create(Path path) throws IOException {
            var file = disk.create(path);
            return new JournalFile() {
              @Override
              public void write(long position, byte[] bytes) throws IOException {
                file.write(position, bytes);
              }

              @Override
              public void force() throws IOException {
                disk.failing = calls.incrementAndGet() == 2 ? 100 : 0;
                try {
                  file.force();
                } finally {
                  disk.failing = 0;
                }
              }

              @Override
              public void truncate(long length) throws IOException {
                file.truncate(length);
              }

              @Override
              public void close() throws IOException {
                file.close();
              }
            };
          }

          @Override
          public void replace(Path path, Path fresh) throws IOException {
            disk.replace(path, fresh);
          }

          @Override
          public void forceFolder(Path path) throws IOException {
            disk.forceFolder(path);
          }
        };
    var journal = RunJournal.open(file, failsOnce, Long.MAX_VALUE);
    assertThatThrownBy(() -> journal.claiming("one")).hasMessage("Input/output error");
    assertThat(journal.openClaims()).isEmpty();

    journal.claiming("two");
    assertThat(calls).as("the file was written anew, not trusted").hasValue(3);
    disk.killTo(file);
    assertThat(reopened()).isEqualTo(new Seen(List.of("two"), List.of()));
  }

  /**
   * A disk with random failures, power failures and kills: everything promised is there, and
   * nothing else.
   */
  @ParameterizedTest
  @ValueSource(ints = {0, 3, 30})
  void what_it_promised_survives_a_bad_disk_and_power_cuts(int failing) throws IOException {
    int first = Integer.getInteger("agent.journal.seed", new Random().nextInt(1_000_000));
    System.out.printf("journal on a bad disk: seeds %d to %d%n", first, first + SEEDS - 1);
    for (int seed = first; seed < first + SEEDS; seed++) {
      var random = new Random(seed);
      Files.deleteIfExists(file);
      var promised = new LinkedHashSet<AttemptId>();
      var maybeOver = new HashSet<AttemptId>();
      var tried = new HashSet<AttemptId>();
      int jobs = 0;
      for (int life = 0; life < 4; life++) {
        var disk = new FaultyDisk(random);
        var journal = RunJournal.open(file, disk, 600);
        var open = journal.openRuns().stream().map(OpenRun::attempt).toList();
        assertThat(open).as("seed %s, life %s", seed, life).containsAll(promised);
        assertThat(tried).as("seed %s, life %s", seed, life).containsAll(open);
        promised.addAll(open);
        promised.removeAll(maybeOver);
        disk.failing = failing;
        for (int step = 0; step < 40; step++) {
          if (random.nextInt(3) == 0 && !promised.isEmpty()) {
            var over =
                promised.stream().skip(random.nextInt(promised.size())).findFirst().orElseThrow();
            promised.remove(over);
            maybeOver.add(over);
            told(() -> journal.over(over, "one"));
          } else {
            var attempt = new AttemptId("j" + jobs++, 1);
            tried.add(attempt);
            if (told(() -> journal.starting(attempt, "one", attempt.job()))) {
              promised.add(attempt);
            }
          }
        }
        if (random.nextBoolean()) {
          disk.cutPowerTo(file);
        } else {
          disk.killTo(file);
        }
      }
    }
  }

  private interface Writing {
    void write() throws IOException;
  }

  private static boolean told(Writing writing) {
    try {
      writing.write();
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * A process that is killed at random times, and continues each time with what the last one left.
   */
  @Test
  @Timeout(300)
  void what_a_killed_process_had_said_is_there() throws Exception {
    long seed = Long.getLong("agent.journal.seed", System.nanoTime() % 1_000_000);
    System.out.printf("journal of a killed process: seed %d%n", seed);
    var random = new Random(seed);
    var claimed = new HashSet<String>();
    var answering = new HashSet<String>();
    var started = new HashSet<String>();
    var ending = new HashSet<String>();
    var ended = new HashSet<String>();
    for (int kill = 0; kill < KILLS || (ended.size() <= 100 && kill < MOST_KILLS); kill++) {
      var process =
          new ProcessBuilder(
                  System.getProperty("java.home") + "/bin/java",
                  "-XX:TieredStopAtLevel=1",
                  "-Xshare:auto",
                  "-cp",
                  System.getProperty("java.class.path"),
                  JournalWriter.class.getName(),
                  file.toString(),
                  Integer.toString(kill))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      int lines = 1 + random.nextInt(random.nextBoolean() ? 20 : 300);
      try (var said = process.inputReader(StandardCharsets.UTF_8)) {
        for (String line = said.readLine(); line != null; line = said.readLine()) {
          if (--lines == 0) {
            // The process itself would close its output, which is not read yet.
            process.toHandle().destroyForcibly();
          }
          var words = line.split(" ", 2);
          Set<String> about =
              switch (words[0]) {
                case "claimed" -> claimed;
                case "answering" -> answering;
                case "started" -> started;
                case "ending" -> ending;
                case "ended" -> ended;
                default -> throw new AssertionError(line);
              };
          about.add(words[1]);
        }
      } finally {
        process.destroyForcibly();
      }
      assertThat(process.waitFor()).isEqualTo(128 + 9);

      var mustBeClaimed = new HashSet<String>(claimed);
      mustBeClaimed.removeAll(answering);
      var mustRun = new HashSet<String>(started);
      mustRun.removeAll(ending);
      try (var journal = RunJournal.open(file)) {
        var runs = journal.openRuns().stream().map(OpenRun::folder).toList();
        assertThat(journal.openClaims()).as("kill %s", kill).containsAll(mustBeClaimed);
        assertThat(runs).as("kill %s", kill).containsAll(mustRun).noneMatch(ended::contains);
        // At most the one operation each thread was in when it was killed.
        assertThat(runs).hasSizeLessThan(mustRun.size() + 4 * (kill + 1));
      }
    }
    assertThat(ended).as("the killed processes have done something").hasSizeGreaterThan(100);
  }
}
