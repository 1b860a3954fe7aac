package io.capataz.embedded.store;

import static com.mongodb.client.model.Filters.and;
import static com.mongodb.client.model.Filters.eq;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.FindOneAndUpdateOptions;
import com.mongodb.client.model.Indexes;
import com.mongodb.client.model.ReturnDocument;
import com.mongodb.client.model.Updates;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.bson.Document;

/**
 * What a command costs over the wire and within the process: the same store, driver and documents,
 * in turns, in one JVM. The CPU is that of the whole process. Prints medians; asserts nothing.
 */
final class StorePathBenchmark {

  private static final int ROUNDS = Integer.getInteger("bench.rounds", 5);
  private static final int COMMANDS = Integer.getInteger("bench.commands", 3_000);
  private static final int CALLERS = 16;
  private static final int BATCH = 50;
  private static final String DIGEST = "sha256:" + "0123456789abcde".repeat(4);
  private static final String PAYLOAD = "x".repeat(400);
  private static final List<String> INDEXES =
      List.of("tenant", "task", "host", "state", "created", "wake.at", "lease.host", "origin");

  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private StorePathBenchmark() {}

  public static void main(String[] arguments) throws Exception {
    StoreUnderFire.quiet();
    Path root = Files.createTempDirectory("store-path");
    try (Store wire = new Store(OpenedStore.in(root.resolve("wire")));
        Store local = new Store(OpenedStore.inProcess(root.resolve("local")))) {
      System.out.printf(
          "%d processors, medians of %d rounds of %,d commands; one caller unless said%n%n",
          Runtime.getRuntime().availableProcessors(), ROUNDS, COMMANDS);
      System.out.printf(
          "%-28s %25s %25s%n%-28s %12s %12s %12s %12s %7s%n",
          "", "wire", "in process", "", "CPU ms", "wait ms", "CPU ms", "wait ms", "CPU");
      compare("insert a job", wire, local, store -> store::insert);
      compare("find by _id", wire, local, store -> store::find);
      compare("compare-and-set by _id", wire, local, store -> store::assign);
      compare("insert, %d at once, each".formatted(BATCH), wire, local, store -> store::insertMany);
      compare("insert, %d callers".formatted(CALLERS), wire, local, store -> store::insertByMany);
    }
  }

  /** What a command cost in milliseconds. */
  private record Cost(double cpu, double waited) {}

  private static void compare(
      String what, Store wire, Store local, Function<Store, IntConsumer> work) throws Exception {
    List<Cost> overWire = new ArrayList<>();
    List<Cost> inProcess = new ArrayList<>();
    for (int round = -1; round < ROUNDS; round++) {
      Cost one = cost(work.apply(wire));
      Cost other = cost(work.apply(local));
      if (round >= 0) { // The first one warms up.
        overWire.add(one);
        inProcess.add(other);
      }
    }
    double before = median(overWire, Cost::cpu);
    double after = median(inProcess, Cost::cpu);
    System.out.printf(
        "%-28s %12.3f %12.3f %12.3f %12.3f %6.0f%%%n",
        what,
        before,
        median(overWire, Cost::waited),
        after,
        median(inProcess, Cost::waited),
        100 * after / before);
  }

  private static Cost cost(IntConsumer commands) {
    long cpu = PROCESS.getProcessCpuTime();
    long clock = System.nanoTime();
    commands.accept(COMMANDS);
    double million = TimeUnit.MILLISECONDS.toNanos(1) * (double) COMMANDS;
    return new Cost(
        (PROCESS.getProcessCpuTime() - cpu) / million, (System.nanoTime() - clock) / million);
  }

  private static double median(List<Cost> costs, Function<Cost, Double> which) {
    double[] sorted = costs.stream().mapToDouble(which::apply).toArray();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** A collection of jobs in one of the two stores. */
  private record Store(OpenedStore opened, MongoCollection<Document> jobs, AtomicInteger next)
      implements AutoCloseable {

    Store(OpenedStore opened) {
      this(opened, opened.database().getCollection("jobs"), new AtomicInteger());
      INDEXES.forEach(field -> jobs.createIndex(Indexes.ascending(field)));
      insert(1);
    }

    void insert(int times) {
      for (int i = 0; i < times; i++) {
        jobs.insertOne(job(next.getAndIncrement()));
      }
    }

    void insertMany(int times) {
      for (int i = 0; i < times; i += BATCH) {
        jobs.insertMany(
            IntStream.range(0, BATCH).mapToObj(_ -> job(next.getAndIncrement())).toList());
      }
    }

    void find(int times) {
      for (int i = 0; i < times; i++) {
        if (jobs.find(eq("_id", id(i % next.get()))).first() == null) {
          throw new IllegalStateException("job %d is not there".formatted(i));
        }
      }
    }

    void assign(int times) {
      for (int i = 0; i < times; i++) {
        Document job =
            jobs.findOneAndUpdate(
                and(eq("_id", id(i % next.get())), eq("task", "task-" + i % next.get() % 50)),
                Updates.combine(
                    Updates.set("state", "ASSIGNED"),
                    Updates.inc("rev", 1),
                    Updates.set("lease", new Document("host", "h" + i % 7).append("claim", i)),
                    Updates.push("history", new Document("to", "ASSIGNED").append("n", i)),
                    Updates.unset("wake")),
                new FindOneAndUpdateOptions().returnDocument(ReturnDocument.AFTER));
        if (job == null) {
          throw new IllegalStateException("job %d is not there".formatted(i));
        }
      }
    }

    /** Callers as those of a supervisor are: virtual threads, each with one command at a time. */
    void insertByMany(int times) {
      CountDownLatch done = new CountDownLatch(CALLERS);
      for (int caller = 0; caller < CALLERS; caller++) {
        var _ =
            Thread.startVirtualThread(
                () -> {
                  insert(times / CALLERS);
                  done.countDown();
                });
      }
      try {
        done.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void close() {
      opened.close();
    }

    private static String id(int i) {
      return "job-" + (10_000_000 + i); // Cheaply: what the caller does counts on both sides.
    }

    private static Document job(int i) {
      return new Document("_id", id(i))
          .append("tenant", "t" + i % 20)
          .append("task", "task-" + i % 50)
          .append("host", "host-" + i % 200)
          .append("state", "READY")
          .append("rev", 1)
          .append("attempt", 0)
          .append("created", StoreContract.at(i))
          .append("wake", new Document("at", StoreContract.at(i)))
          .append("origin", new Document("kind", "KEY").append("id", "k" + i % 9))
          .append(
              "spec",
              new Document("script", DIGEST + i % 10)
                  .append("timeout", 600)
                  .append("arguments", List.of("one", "two", i))
                  .append("text", PAYLOAD))
          .append("history", List.of(new Document("to", "READY").append("at", i)));
    }
  }
}
