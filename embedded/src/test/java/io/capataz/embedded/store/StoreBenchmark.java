package io.capataz.embedded.store;

import static com.mongodb.client.model.Filters.and;
import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Filters.in;
import static com.mongodb.client.model.Filters.lte;

import com.mongodb.ConnectionString;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.FindOneAndUpdateOptions;
import com.mongodb.client.model.Indexes;
import com.mongodb.client.model.Sorts;
import com.mongodb.client.model.Updates;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bson.BsonBinaryWriter;
import org.bson.Document;
import org.bson.codecs.DocumentCodec;
import org.bson.codecs.EncoderContext;
import org.bson.io.BasicOutputBuffer;
import org.bson.types.ObjectId;

/**
 * How the hot operations grow with the collection, beside what the machine gives without us: the
 * library's memory backend and a bare SQLite loop. Prints figures; asserts nothing.
 */
final class StoreBenchmark {

  private static final long MEASURED = TimeUnit.SECONDS.toNanos(Long.getLong("bench.seconds", 3));
  private static final int CONNECTIONS = 8;
  private static final int HOSTS = 200;
  private static final List<String> STATES =
      List.of("READY", "RUNNING", "SUCCEEDED", "SUCCEEDED", "FAILED");

  private StoreBenchmark() {}

  public static void main(String[] arguments) throws Exception {
    StoreUnderFire.quiet();
    int largest = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1_000_000;
    Path root = Files.createTempDirectory("store-bench");
    System.out.printf(
        "%d processors, %s seconds per figure%n",
        Runtime.getRuntime().availableProcessors(), MEASURED / 1_000_000_000);
    bareSqlite(root.resolve("bare.db"), "NORMAL");
    bareSqlite(root.resolve("bare-full.db"), "FULL");
    memoryBackend(1_000);
    memoryBackend(10_000);
    // The first one warms up the machine and is printed only to be seen.
    growth(root.resolve("warm"), 1_000, EmbeddedStore.Durability.PROCESS_KILL);
    for (int jobs = 1_000; jobs <= largest; jobs *= 10) {
      growth(root.resolve("n" + jobs), jobs, EmbeddedStore.Durability.PROCESS_KILL);
    }
    growth(root.resolve("power"), 10_000, EmbeddedStore.Durability.POWER_LOSS);
  }

  private static void growth(Path folder, int jobs, EmbeddedStore.Durability durability)
      throws Exception {
    long data;
    try (EmbeddedStore store = EmbeddedStore.open(folder, 0, durability, Clock.systemUTC());
        MongoClient client = connect(store.connectionString())) {
      MongoCollection<Document> collection = client.getDatabase("bench").getCollection("jobs");
      data = fill(collection, jobs);
      System.out.printf("%n%,d jobs, %s%n", jobs, durability);
      measure(collection, jobs, store);
    }
    long file = Files.size(folder.resolve("store.db"));
    System.out.printf(
        "  file %,d KiB for %,d KiB of documents: %.2f times%n",
        file >> 10, data >> 10, (double) file / data);
    openAfterKill(folder, jobs, durability);
  }

  private static void measure(MongoCollection<Document> jobs, int size, EmbeddedStore store)
      throws Exception {
    Random random = new Random(1);
    one(
        "look-up by id with guard",
        () -> jobs.find(and(eq("_id", id(random.nextInt(size))), in("state", STATES))).first());
    one("compare-and-set by id", () -> compareAndSet(jobs, random.nextInt(size)));
    one(
        "claim query, limit 1",
        () ->
            jobs.find(and(eq("host", host(random)), eq("state", "READY")))
                .sort(Sorts.ascending("created", "_id"))
                .limit(1)
                .first());
    one(
        "claim by find-and-modify",
        () ->
            jobs.findOneAndUpdate(
                and(eq("host", host(random)), eq("state", "READY")),
                Updates.inc("rev", 1),
                new FindOneAndUpdateOptions().sort(Sorts.ascending("created", "_id"))));
    one(
        "due jobs, limit 10",
        () ->
            jobs.find(lte("wake.at", StoreContract.at(size)))
                .sort(Sorts.ascending("wake.at"))
                .limit(10)
                .into(new ArrayList<>()));
    long commits = store.commits();
    double perSecond = many(connection -> compareAndSet(jobs, new Random().nextInt(size)));
    System.out.printf(
        "  %-28s %,9.0f/s on %d connections, %.1f per commit%n",
        "compare-and-set by id",
        perSecond,
        CONNECTIONS,
        perSecond * MEASURED / 1e9 / Math.max(1, store.commits() - commits));
    double inserts =
        many(
            connection ->
                jobs.insertOne(
                    job(size + connection.nextInt(Integer.MAX_VALUE - size))
                        .append("_id", new ObjectId())));
    System.out.printf("  %-28s %,9.0f/s on %d connections%n", "insert", inserts, CONNECTIONS);
    jobs.deleteMany(new Document("_id", new Document("$type", "objectId")));
  }

  private static Object compareAndSet(MongoCollection<Document> jobs, int which) {
    Document changed =
        jobs.findOneAndUpdate(
            and(eq("_id", id(which)), in("state", STATES)),
            Updates.combine(Updates.inc("rev", 1), Updates.set("lease.agent", "a" + which % 7)));
    if (changed == null) {
      throw new IllegalStateException("job %d is not there".formatted(which));
    }
    return changed;
  }

  private static void one(String what, Runnable operation) {
    long[] nanos = new long[2_000_000];
    int count = 0;
    for (int i = 0; i < 200; i++) {
      operation.run();
    }
    long start = System.nanoTime();
    long now = start;
    while (now - start < MEASURED && count < nanos.length) {
      operation.run();
      long then = System.nanoTime();
      nanos[count++] = then - now;
      now = then;
    }
    Arrays.sort(nanos, 0, count);
    System.out.printf(
        "  %-28s %,9.0f/s, median %6.0f us, p99 %6.0f us%n",
        what, count * 1e9 / (now - start), nanos[count / 2] / 1e3, nanos[count * 99 / 100] / 1e3);
  }

  private interface Operation {
    Object run(Random random);
  }

  private static double many(Operation operation) throws InterruptedException, ExecutionException {
    long end = System.nanoTime() + MEASURED;
    List<Future<Long>> counts = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS)) {
      for (int i = 0; i < CONNECTIONS; i++) {
        Random random = new Random(i);
        counts.add(
            threads.submit(
                () -> {
                  long done = 0;
                  while (System.nanoTime() < end) {
                    operation.run(random);
                    done++;
                  }
                  return done;
                }));
      }
    }
    long sum = 0;
    for (Future<Long> count : counts) {
      sum += count.get();
    }
    return sum * 1e9 / MEASURED;
  }

  private static long fill(MongoCollection<Document> jobs, int size) {
    jobs.createIndex(Indexes.ascending("host", "state", "created", "_id"));
    jobs.createIndex(Indexes.ascending("wake.at"));
    jobs.createIndex(
        Indexes.compoundIndex(Indexes.ascending("tenant"), Indexes.descending("created")));
    long start = System.nanoTime();
    for (int from = 0; from < size; from += 1_000) {
      jobs.insertMany(
          IntStream.range(from, Math.min(size, from + 1_000))
              .mapToObj(StoreBenchmark::job)
              .toList());
    }
    System.out.printf("%nfilled with %,d in %,d ms", size, (System.nanoTime() - start) / 1_000_000);
    return LongStream.range(0, Math.min(size, 1_000)).map(i -> sizeOf(job((int) i))).sum()
        * (size / Math.min(size, 1_000));
  }

  private static long sizeOf(Document document) {
    try (BasicOutputBuffer buffer = new BasicOutputBuffer();
        BsonBinaryWriter writer = new BsonBinaryWriter(buffer)) {
      new DocumentCodec().encode(writer, document, EncoderContext.builder().build());
      return buffer.getSize();
    }
  }

  private static void openAfterKill(Path folder, int size, EmbeddedStore.Durability durability)
      throws Exception {
    StoreUnderFire child = StoreUnderFire.start(folder, durability);
    try (MongoClient client = connect(child.connectionString())) {
      MongoCollection<Document> jobs = client.getDatabase("bench").getCollection("jobs");
      for (int i = 0; i < 2_000; i++) {
        compareAndSet(jobs, (int) (i * 7_919L % size));
      }
      child.kill();
    }
    long start = System.nanoTime();
    EmbeddedStore.open(folder, 0, durability, Clock.systemUTC()).close();
    System.out.printf(
        "  opened and closed after a kill in %,d ms%n", (System.nanoTime() - start) / 1_000_000);
  }

  private static Document job(int i) {
    Document job =
        new Document("_id", id(i))
            .append("tenant", "t" + i % 20)
            .append("task", "task-" + i % 500)
            .append("specHash", "sha256:" + "%064x".formatted(i))
            .append("host", "host-" + i % HOSTS)
            .append("state", STATES.get(i / HOSTS % STATES.size()))
            .append("rev", 3L)
            .append("attempt", 1)
            .append("created", StoreContract.at(i))
            .append(
                "lease",
                new Document("agent", "a1").append("session", 7L).append("claimId", "c" + i))
            .append(
                "limits", new Document("timeout", 600).append("grace", 10).append("maxAttempts", 1))
            .append(
                "attempts",
                List.of(new Document("n", 1).append("agent", "a1").append("outcome", "Succeeded")))
            .append("effects", List.of())
            .append(
                "result",
                new Document("data", List.of("some", "words", "that", "a", "script", "returned")));
    return i % 1_000 == 0 ? job.append("wake", new Document("at", StoreContract.at(i))) : job;
  }

  private static String id(int i) {
    return "job-%010d".formatted(i);
  }

  private static String host(Random random) {
    return "host-" + random.nextInt(HOSTS);
  }

  private static MongoClient connect(String uri) {
    return MongoClients.create(
        StoreContract.settings().applyConnectionString(new ConnectionString(uri)).build());
  }

  private static void memoryBackend(int size) throws Exception {
    MongoServer server = new MongoServer(new MemoryBackend());
    try (MongoClient client = connect(server.bindAndGetConnectionString())) {
      MongoCollection<Document> jobs = client.getDatabase("bench").getCollection("jobs");
      fill(jobs, size);
      System.out.printf("%nthe library's memory backend, %,d jobs%n", size);
      Random random = new Random(1);
      one("compare-and-set by id", () -> compareAndSet(jobs, random.nextInt(size)));
      one(
          "claim query, limit 1",
          () ->
              jobs.find(and(eq("host", host(random)), eq("state", "READY")))
                  .sort(Sorts.ascending("created", "_id"))
                  .limit(1)
                  .first());
      System.out.printf(
          "  %-28s %,9.0f/s on %d connections%n",
          "compare-and-set by id",
          many(connection -> compareAndSet(jobs, connection.nextInt(size))),
          CONNECTIONS);
    } finally {
      server.shutdownNow();
    }
  }

  /**
   * What SQLite alone does on this machine: one row of 600 bytes changed per commit, no wire, no
   * documents.
   */
  private static void bareSqlite(Path file, String synchronous) throws SQLException, IOException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.executeUpdate("PRAGMA journal_mode=WAL");
      statement.executeUpdate("PRAGMA synchronous=" + synchronous);
      statement.executeUpdate("CREATE TABLE t(id INTEGER PRIMARY KEY, body BLOB)");
      byte[] body = new byte[600];
      try (PreparedStatement insert = connection.prepareStatement("INSERT INTO t VALUES(?, ?)")) {
        statement.executeUpdate("BEGIN");
        for (int i = 0; i < 10_000; i++) {
          insert.setInt(1, i);
          insert.setBytes(2, body);
          insert.executeUpdate();
        }
        statement.executeUpdate("COMMIT");
      }
      Random random = new Random(1);
      try (PreparedStatement update =
          connection.prepareStatement("UPDATE t SET body = ? WHERE id = ?")) {
        System.out.printf("%nbare SQLite, 10,000 rows, synchronous=%s%n", synchronous);
        one(
            "one row per commit",
            () -> {
              try {
                random.nextBytes(body);
                update.setBytes(1, body);
                update.setInt(2, random.nextInt(10_000));
                update.executeUpdate();
              } catch (SQLException e) {
                throw new IllegalStateException(e);
              }
            });
      }
    }
    Files.delete(file);
  }
}
