package io.capataz.embedded.store;

import static com.mongodb.client.model.Filters.and;
import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Filters.gte;

import com.mongodb.ConnectionString;
import com.mongodb.MongoException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.FindOneAndUpdateOptions;
import com.mongodb.client.model.IndexOptions;
import com.mongodb.client.model.Indexes;
import com.mongodb.client.model.ReturnDocument;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.Updates;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * Kills the process of a store while connections write to it, opens the folder again, and compares
 * what is there with what was acknowledged.
 *
 * <p>Each writer owns its documents and remembers, for each, the state it was told is kept. Of an
 * operation that got no answer both outcomes are right, but nothing in between.
 *
 * <p>Run it for long: {@code java -cp <test class path> io.capataz.embedded.store.KillRun 1000}.
 */
final class KillRun {

  private static final int WRITERS = 8;
  private static final int DOCUMENTS_PER_WRITER = 60;
  private static final String COUNTER = "counter";

  private final Path folder;
  private final EmbeddedStore.Durability durability;
  private final Random random;
  private final List<Writer> writers = new ArrayList<>();
  private final AtomicLong counted = new AtomicLong();
  private final AtomicLong maybeCounted = new AtomicLong();
  private final AtomicLong acknowledged = new AtomicLong();
  private long slowestOpen;

  KillRun(Path folder, EmbeddedStore.Durability durability, long seed) {
    this.folder = folder;
    this.durability = durability;
    this.random = new Random(seed);
    for (int i = 0; i < WRITERS; i++) {
      writers.add(new Writer("w" + i, new Random(random.nextLong())));
    }
  }

  long acknowledged() {
    return acknowledged.get();
  }

  Duration slowestOpen() {
    return Duration.ofNanos(slowestOpen);
  }

  /** Starts, writes, kills, opens, compares. Returns what is wrong. */
  List<String> round() throws IOException, InterruptedException {
    writeUntilKilled();
    removeUnpackedLibraries();
    return openAndCompare();
  }

  private void writeUntilKilled() throws IOException, InterruptedException {
    AtomicBoolean alive = new AtomicBoolean(true);
    try (StoreUnderFire store = StoreUnderFire.start(folder, durability);
        MongoClient client = connect(store.connectionString());
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS + 1)) {
      MongoDatabase database = client.getDatabase("fire");
      prepare(database);
      List<Future<?>> running = new ArrayList<>();
      long before = acknowledged.get();
      for (Writer writer : writers) {
        running.add(threads.submit(() -> writer.writeWhile(alive, database)));
      }
      running.add(threads.submit(() -> garden(alive, database)));
      // The kill must meet writes, however slow the machine is today.
      long wanted = before + 20 + random.nextInt(180);
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (acknowledged.get() < wanted && System.nanoTime() < deadline) {
        LockSupport.parkNanos(200_000L + random.nextInt(800_000));
      }
      store.kill();
      alive.set(false);
      for (Future<?> each : running) {
        each.get(60, TimeUnit.SECONDS);
      }
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("a writer got a wrong answer, or none and did not notice", e);
    }
  }

  private void removeUnpackedLibraries() throws IOException {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, "sqlite-*")) {
      for (Path library : left) {
        Files.delete(library);
      }
    }
  }

  private static void prepare(MongoDatabase database) {
    MongoCollection<Document> jobs = database.getCollection("jobs");
    jobs.createIndex(Indexes.ascending("writer", "state", "n", "_id"));
    jobs.createIndex(Indexes.ascending("name"), new IndexOptions().unique(true));
    jobs.createIndex(Indexes.descending("labels"));
  }

  /** Makes and drops an index and deletes in bulk, so that kills meet these, too. */
  private static void garden(AtomicBoolean alive, MongoDatabase database) {
    MongoCollection<Document> jobs = database.getCollection("jobs");
    MongoCollection<Document> trash = database.getCollection("trash");
    int turn = 0;
    while (alive.get()) {
      try {
        jobs.createIndex(Indexes.ascending("sum"));
        trash.insertMany(IntStream.range(0, 100).mapToObj(i -> new Document("i", i)).toList());
        trash.deleteMany(gte("i", turn++ % 2));
        jobs.dropIndex("sum_1");
      } catch (MongoException e) {
        if (e.getCode() < 0) {
          // No answer: the store was killed.
          return;
        }
      }
    }
  }

  private List<String> openAndCompare() {
    long start = System.nanoTime();
    List<String> problems;
    try (EmbeddedStore store = EmbeddedStore.open(folder, 0, durability, Clock.systemUTC())) {
      slowestOpen = Math.max(slowestOpen, System.nanoTime() - start);
      problems = new ArrayList<>(store.verify());
      try (MongoClient client = connect(store.connectionString())) {
        MongoCollection<Document> jobs = client.getDatabase("fire").getCollection("jobs");
        Map<String, Document> found = new HashMap<>();
        jobs.find().forEach(document -> found.put(document.getString("_id"), document));
        compareCounter(found.remove(COUNTER), problems);
        writers.forEach(writer -> writer.compare(found, problems));
        found.keySet().forEach(id -> problems.add("document " + id + " should not be there"));
      }
    }
    return problems;
  }

  private void compareCounter(@Nullable Document counter, List<String> problems) {
    long n = counter == null ? 0 : counter.get("n", Number.class).longValue();
    if (n < counted.get() || n > counted.get() + maybeCounted.get()) {
      problems.add(
          "the counter is %d, with %d increments acknowledged and %d unanswered"
              .formatted(n, counted.get(), maybeCounted.get()));
    }
    counted.set(n);
    maybeCounted.set(0);
  }

  private static MongoClient connect(String uri) {
    return MongoClients.create(
        StoreContract.settings()
            .applyConnectionString(new ConnectionString(uri))
            .retryWrites(false)
            .retryReads(false)
            .applyToClusterSettings(cluster -> cluster.serverSelectionTimeout(20, TimeUnit.SECONDS))
            .applyToSocketSettings(socket -> socket.connectTimeout(20, TimeUnit.SECONDS))
            .build());
  }

  /** What one writer was told about its documents; -1 says there is none. */
  private final class Writer {
    private final String name;
    private final Random random;
    private final Map<String, Long> kept = new HashMap<>();
    private @Nullable String unanswered;
    private long unansweredRevision;

    Writer(String name, Random random) {
      this.name = name;
      this.random = random;
    }

    void writeWhile(AtomicBoolean alive, MongoDatabase database) {
      MongoCollection<Document> jobs = database.getCollection("jobs");
      try {
        while (alive.get()) {
          if (random.nextInt(10) == 0) {
            count(jobs);
          } else {
            change(jobs, name + "-" + random.nextInt(DOCUMENTS_PER_WRITER));
          }
          acknowledged.incrementAndGet();
        }
      } catch (MongoException e) {
        if (e.getCode() > 0) {
          throw e;
        }
        // No answer: the store was killed.
        Thread.onSpinWait();
      }
    }

    private void count(MongoCollection<Document> jobs) {
      maybeCounted.incrementAndGet();
      jobs.updateOne(eq("_id", COUNTER), Updates.inc("n", 1), new UpdateOptions().upsert(true));
      counted.incrementAndGet();
      maybeCounted.decrementAndGet();
    }

    private void change(MongoCollection<Document> jobs, String id) {
      long revision = Objects.requireNonNullElse(kept.get(id), -1L);
      boolean delete = revision >= 0 && random.nextInt(6) == 0;
      unanswered = id;
      unansweredRevision = delete ? -1 : revision + 1;
      if (revision < 0) {
        jobs.insertOne(document(id, 0));
      } else if (delete) {
        if (jobs.deleteOne(and(eq("_id", id), eq("rev", revision))).getDeletedCount() != 1) {
          throw new IllegalStateException(
              "document %s of revision %d was not there to delete".formatted(id, revision));
        }
      } else {
        Document next = document(id, revision + 1);
        Document changed =
            jobs.findOneAndUpdate(
                and(eq("_id", id), eq("rev", revision), eq("state", "S" + revision % 4)),
                new Document("$set", next),
                new FindOneAndUpdateOptions().returnDocument(ReturnDocument.AFTER));
        if (changed == null) {
          throw new IllegalStateException(
              "document %s of revision %d was not there to change".formatted(id, revision));
        }
      }
      kept.put(id, unansweredRevision);
      unanswered = null;
    }

    private Document document(String id, long revision) {
      return new Document("_id", id)
          .append("writer", name)
          .append("rev", revision)
          .append("state", "S" + revision % 4)
          .append("n", revision * 31 % 17)
          .append("name", id + "/" + revision)
          .append("labels", List.of("r" + revision % 3, "always"))
          .append("payload", "x".repeat((int) (revision * 131 % 3_000)))
          .append("sum", sum(id, revision));
    }

    private void compare(Map<String, Document> found, List<String> problems) {
      for (int i = 0; i < DOCUMENTS_PER_WRITER; i++) {
        String id = name + "-" + i;
        long expected = Objects.requireNonNullElse(kept.get(id), -1L);
        Document document = found.remove(id);
        long actual = document == null ? -1 : document.getLong("rev");
        if (actual != expected && !(id.equals(unanswered) && actual == unansweredRevision)) {
          problems.add(
              "document %s has revision %d, acknowledged was %d".formatted(id, actual, expected));
        }
        if (document != null && !document.equals(document(id, actual))) {
          problems.add("document %s of revision %d is not as it was written".formatted(id, actual));
        }
        kept.put(id, actual);
      }
      unanswered = null;
    }

    private static long sum(String id, long revision) {
      CRC32 sum = new CRC32();
      sum.update((id + revision).getBytes(StandardCharsets.UTF_8));
      return sum.getValue();
    }
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    StoreUnderFire.quiet();
    int kills = Integer.parseInt(arguments[0]);
    EmbeddedStore.Durability durability =
        arguments.length > 1
            ? EmbeddedStore.Durability.valueOf(arguments[1])
            : EmbeddedStore.Durability.PROCESS_KILL;
    long seed = arguments.length > 2 ? Long.parseLong(arguments[2]) : System.nanoTime();
    Path folder = Files.createTempDirectory("kill-run");
    System.out.printf("%d kills, %s, seed %d, in %s%n", kills, durability, seed, folder);
    KillRun run = new KillRun(folder, durability, seed);
    for (int kill = 1; kill <= kills; kill++) {
      List<String> problems = run.round();
      if (!problems.isEmpty()) {
        System.out.printf("kill %d: %s%n", kill, String.join("\n  ", problems));
        System.exit(1);
      }
      if (kill % 50 == 0 || kill == kills) {
        System.out.printf(
            "%d kills, %d acknowledged writes, nothing lost, nothing astray; slowest open %d ms,"
                + " file %d KiB%n",
            kill,
            run.acknowledged(),
            run.slowestOpen().toMillis(),
            Files.size(folder.resolve("store.db")) / 1024);
      }
    }
  }
}
