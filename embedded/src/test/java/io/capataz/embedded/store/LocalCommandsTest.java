package io.capataz.embedded.store;

import static com.mongodb.client.model.Filters.eq;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.mongodb.MongoClientSettings;
import com.mongodb.MongoException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import io.capataz.embedded.store.inprocess.InProcessClient;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What callers in the same process share: commits, processors, and the end of the store. */
class LocalCommandsTest {

  private static final int WRITERS = 20;
  private static final int MOST_SCANS = 20;

  /** How many virtual threads can run at once. */
  private static final int CARRIERS =
      Integer.getInteger(
          "jdk.virtualThreadScheduler.parallelism", Runtime.getRuntime().availableProcessors());

  @TempDir private Path folder;

  @Test
  void one_commit_serves_all_virtual_threads_that_wait_for_their_turn() throws Exception {
    try (Engine engine =
        new Engine(folder.resolve("store.db"), EmbeddedStore.Durability.PROCESS_KILL)) {
      StoreBackend backend = new StoreBackend(engine, Clock.systemUTC(), Optional.empty());
      try (MongoClient client =
          InProcessClient.of(
              new LocalCommands(backend::answerHere), MongoClientSettings.builder().build())) {
        MongoCollection<Document> things = client.getDatabase("test").getCollection("things");
        things.insertOne(new Document("_id", "first"));
        long before = engine.commits();

        List<Thread> writers =
            whileNobodyMayWrite(
                engine, n -> things.insertOne(new Document("_id", n).append("n", n)));
        for (Thread writer : writers) {
          writer.join();
        }

        assertThat(engine.commits() - before).isEqualTo(1);
        assertThat(things.countDocuments()).isEqualTo(WRITERS + 1);
      }
    }
  }

  private interface Write {
    void run(int n);
  }

  private static List<Thread> whileNobodyMayWrite(Engine engine, Write write)
      throws InterruptedException {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Thread first =
        Thread.ofPlatform()
            .start(
                () ->
                    engine.write(
                        () -> {
                          inside.countDown();
                          return awaited(goOn);
                        }));
    inside.await();
    List<Thread> writers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      int n = i;
      writers.add(Thread.ofVirtual().start(() -> write.run(n)));
    }
    await().until(() -> writers.stream().allMatch(each -> each.getState() == Thread.State.WAITING));
    goOn.countDown();
    first.join();
    return writers;
  }

  private static boolean awaited(CountDownLatch latch) {
    try {
      latch.await();
      return true;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void a_long_read_lets_other_virtual_threads_run() throws Exception {
    try (OpenedStore opened = OpenedStore.inProcess(folder)) {
      MongoCollection<Document> things = opened.database().getCollection("things");
      things.insertMany(
          IntStream.range(0, 5_000)
              .mapToObj(i -> new Document("_id", i).append("text", "no"))
              .toList());
      AtomicInteger ended = new AtomicInteger();
      CompletableFuture<Integer> endedBefore = new CompletableFuture<>();
      List<Thread> readers = new ArrayList<>();
      for (int i = 0; i <= CARRIERS; i++) {
        readers.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      // Nothing in a command waits, nor between two of them.
                      for (int scan = 0; scan < MOST_SCANS && !endedBefore.isDone(); scan++) {
                        things.countDocuments(Filters.regex("text", "never"));
                      }
                      ended.incrementAndGet();
                    }));
      }
      var _ = Thread.ofVirtual().start(() -> endedBefore.complete(ended.get()));

      assertThat(endedBefore.get()).isZero();
      for (Thread reader : readers) {
        reader.join();
      }
    }
  }

  @Test
  void an_interrupt_takes_nothing_from_a_command() throws Exception {
    try (OpenedStore opened = OpenedStore.inProcess(folder)) {
      MongoCollection<Document> things = opened.database().getCollection("things");
      CompletableFuture<Boolean> stillInterrupted = new CompletableFuture<>();
      Thread caller =
          Thread.ofVirtual()
              .start(
                  () -> {
                    Thread.currentThread().interrupt();
                    things.insertOne(new Document("_id", 1));
                    stillInterrupted.complete(Thread.currentThread().isInterrupted());
                  });
      caller.join();

      assertThat(stillInterrupted).isCompletedWithValue(true);
      assertThat(things.find(eq("_id", 1)).first()).isNotNull();
    }
  }

  @Test
  void a_closed_store_is_an_outage_and_a_closed_client_a_mistake() {
    OpenedStore opened = OpenedStore.inProcess(folder);
    MongoCollection<Document> things = opened.database().getCollection("things");
    things.insertOne(new Document("_id", 1));

    opened.store().close();
    List<Runnable> commands =
        List.of(() -> things.find().first(), () -> things.insertOne(new Document("_id", 2)));
    for (Runnable command : commands) {
      assertThatThrownBy(command::run)
          .isInstanceOfSatisfying(
              MongoException.class, failure -> assertThat(failure.getCode()).isEqualTo(91))
          .hasMessageContaining("The embedded store is closed");
    }

    opened.client().close();
    assertThatThrownBy(() -> things.find().first())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("open");
  }

  @Test
  void closing_waits_for_running_commands() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    LocalCommands commands =
        new LocalCommands(
            command -> {
              inside.countDown();
              awaited(goOn);
              return new de.bwaldvogel.mongo.bson.Document("ok", 1.0);
            });
    CompletableFuture<Object> answer = new CompletableFuture<>();
    Thread caller = Thread.ofVirtual().start(() -> answer.complete(commands.run(ping()).get("ok")));
    inside.await();

    Thread closing = Thread.ofPlatform().start(commands::close);
    await().until(() -> closing.getState() == Thread.State.TIMED_WAITING);
    assertThat(commands.run(ping()).get("code")).isEqualTo(91);
    goOn.countDown();
    closing.join();
    caller.join();

    assertThat(answer).isCompletedWithValue(1.0);
    assertThat(commands.run(ping()).get("code")).isEqualTo(91);
  }

  private static de.bwaldvogel.mongo.bson.Document ping() {
    return new de.bwaldvogel.mongo.bson.Document("ping", 1).append("$db", "admin");
  }

  @Test
  void a_fault_of_the_store_is_answered_as_on_a_connection() {
    LocalCommands commands =
        new LocalCommands(
            _ -> {
              throw new IllegalStateException("planted");
            });

    assertThat(commands.run(ping()))
        .containsEntry("ok", 0.0)
        .containsEntry("errmsg", "Unknown error: planted");
  }

  @Test
  void a_store_without_a_port_has_no_address() {
    try (OpenedStore opened = OpenedStore.inProcess(folder)) {
      assertThatThrownBy(opened.store()::address).isInstanceOf(NoSuchElementException.class);
      assertThatThrownBy(opened.store()::connectionString)
          .isInstanceOf(NoSuchElementException.class);
    }
  }
}
