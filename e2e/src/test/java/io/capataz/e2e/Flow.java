package io.capataz.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import tools.jackson.databind.JsonNode;

/**
 * Jobs that are posted one after the other by callers who insist: a post that is not answered is
 * made again, at another supervisor, under the same key. What was answered with success was
 * accepted, and nothing else.
 */
final class Flow implements AutoCloseable {

  /** More posts than this at once are not begun: the next waits for its turn. */
  private static final int MOST_AT_ONCE = 32;

  private static final AtomicInteger FLOWS = new AtomicInteger();

  private static final Duration INSISTENCE = Duration.ofMinutes(2);

  private final Fleet fleet;
  private final Shape shape;
  private final long seed;

  private final Path witnesses;
  private final List<TaskOnHost> tasks = new ArrayList<>();
  private final ConcurrentLinkedQueue<Accepted> accepted = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<String> refusals = new ConcurrentLinkedQueue<>();

  /** Several flows of one seed may go through one fleet. */
  private final int flow = FLOWS.incrementAndGet();

  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger repeated = new AtomicInteger();
  private final Semaphore atOnce = new Semaphore(MOST_AT_ONCE);
  private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService pace = Executors.newSingleThreadScheduledExecutor();

  /**
   * What the scripts are like.
   *
   * @param longest how long one takes at the most
   * @param lines how many lines it prints at the most
   * @param width how wide a line is at the most
   */
  record Shape(Duration longest, int lines, int width) {

    static final Shape LONG = new Shape(Duration.ofSeconds(3), 6, 2_000);
    static final Shape SHORT = new Shape(Duration.ofMillis(100), 3, 200);
  }

  /** A task, and the agent on whose host it runs. */
  record TaskOnHost(Part agent, Flavour flavour, JsonNode task) {

    Path shared(Path witnesses) {
      return witnesses.resolve("shared-" + task.path("id").asString());
    }
  }

  /**
   * A job that was accepted.
   *
   * @param failing how many of its attempts are to fail
   */
  record Accepted(int number, String job, TaskOnHost task, Path witness, int failing) {}

  Flow(Fleet fleet, List<Flavour> flavours, Shape shape, long seed) throws IOException {
    this.fleet = fleet;
    this.shape = shape;
    this.seed = seed;
    this.witnesses = Files.createDirectories(fleet.folder().resolve("witnesses-" + flow));
    for (Part agent : fleet.agents()) {
      for (Flavour flavour : flavours) {
        Map<String, Object> fields = new HashMap<>(flavour.fields());
        fields.putAll(Fleet.arguments(Witness.ARGUMENTS));
        JsonNode task =
            fleet.createTask(agent, agent + " " + flavour.name(), Witness.SCRIPT, fields);
        tasks.add(new TaskOnHost(agent, flavour, task));
      }
    }
  }

  /** Posts so many a second, until {@link #stop}. */
  void start(double perSecond) {
    var _ =
        pace.scheduleAtFixedRate(
            this::postNext, 0, (long) (1_000_000 / perSecond), TimeUnit.MICROSECONDS);
  }

  /** Posts so many as fast as they are taken. */
  void post(int count) {
    for (int i = 0; i < count; i++) {
      atOnce.acquireUninterruptibly();
      callers.execute(this::post);
    }
  }

  private void postNext() {
    if (atOnce.tryAcquire()) {
      callers.execute(this::post);
    }
  }

  private void post() {
    try {
      int number = begun.getAndIncrement();
      // Its own, so that what a job is does not depend on which caller was faster.
      SplittableRandom random = new SplittableRandom(seed * 1_000_003 + number);
      TaskOnHost task = tasks.get(random.nextInt(tasks.size()));
      int lines = random.nextInt(1, shape.lines() + 1);
      double seconds = shape.longest().toMillis() / 1000.0 * random.nextDouble() / lines;
      int failing = random.nextInt(3) == 0 ? random.nextInt(1, 4) : 0;
      Path witness = witnesses.resolve("%06d".formatted(number));
      Api.Question question =
          Fleet.run(
                  task.task(),
                  List.of(
                      witness.toString(),
                      Integer.toString(lines),
                      String.format(Locale.ROOT, "%.3f", seconds),
                      Integer.toString(random.nextInt(1, shape.width())),
                      Integer.toString(failing),
                      task.flavour().serial() ? task.shared(witnesses).toString() : "-"))
              .with("Idempotency-Key", "flow-%d-%d-%d".formatted(flow, seed, number));
      insist(question)
          .ifPresent(job -> accepted.add(new Accepted(number, job, task, witness, failing)));
    } catch (RuntimeException e) { // Whatever it is, the verdict is to hear of it.
      refusals.add("post: " + e);
    } finally {
      atOnce.release();
    }
  }

  private Optional<String> insist(Api.Question question) {
    AtomicInteger tries = new AtomicInteger();
    try {
      Api.Answer answer =
          Awaitility.await()
              .pollInSameThread()
              .pollDelay(Duration.ZERO)
              .pollInterval(Duration.ofMillis(500))
              .atMost(INSISTENCE)
              .until(
                  () -> {
                    if (tries.getAndIncrement() > 0) {
                      repeated.incrementAndGet();
                    }
                    return fleet.api().tryOnce(question);
                  },
                  tried -> tried.filter(a -> !a.isTrouble()).isPresent())
              .orElseThrow();
      if (answer.isSuccess()) {
        return Optional.of(answer.json().path("id").asString());
      }
      refusals.add("post: %d %s".formatted(answer.status(), answer.text()));
    } catch (ConditionTimeoutException e) {
      refusals.add("post: not taken within " + INSISTENCE);
    }
    return Optional.empty();
  }

  /** Begins no more posts, and waits for those that are under way. */
  void stop() {
    pace.shutdownNow();
    Awaitility.await("the posts that are under way")
        .atMost(INSISTENCE.plusMinutes(1))
        .until(() -> atOnce.availablePermits() == MOST_AT_ONCE);
  }

  List<Accepted> accepted() {
    return List.copyOf(accepted);
  }

  /** The posts that no supervisor took, in words. */
  List<String> refusals() {
    return List.copyOf(refusals);
  }

  int repeated() {
    return repeated.get();
  }

  /** The files that jobs of a task share, of tasks whose jobs run one at a time. */
  List<Path> shared() {
    return tasks.stream()
        .filter(task -> task.flavour().serial())
        .map(task -> task.shared(witnesses))
        .toList();
  }

  @Override
  public void close() {
    pace.shutdownNow();
    callers.shutdownNow();
  }
}
