package io.capataz.embedded.store;

import static com.mongodb.client.model.Filters.eq;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.mongodb.MongoException;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Indexes;
import com.mongodb.client.model.Updates;
import io.capataz.testing.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that is full, read-only or gone refuses what it met and loses nothing that was
 * acknowledged. Writes go on by themselves once it lets them, and reads go on all the time.
 */
class FullDiskTest {

  private static final int ROUNDS = 10;
  private static final int WRITERS = 4;
  private static final int OUT_OF_DISK_SPACE = 14_031;
  private static final int FILE_STREAM_FAILED = 39;
  private static final long PLENTY = 1L << 30;
  private static final String PAYLOAD = "x".repeat(2_000);

  @TempDir private Path folder;

  OpenedStore open(Path data) {
    return OpenedStore.in(data);
  }

  /** On what the clients of a store run that is used in this way. */
  Thread.Builder callers() {
    return Thread.ofPlatform();
  }

  @Test
  void full_and_healed_ten_times_under_load_loses_nothing() throws Exception {
    Load load;
    try (OpenedStore opened = open(folder)) {
      load = new Load(opened, callers());
      load.underWay(
          () -> {
            opened.store().limitFile(1);
            load.awaitRefusal();
            assertThat(load.things.find(eq("_id", "first")).first()).isNotNull();
            opened.store().limitFile(PLENTY);
            load.awaitSuccess();
          });
      assertThat(opened.store().verify()).isEmpty();
    }
    load.assertNothingIsLost(folder);
    assertThat(load.codes).containsExactly(OUT_OF_DISK_SPACE);
  }

  @Test
  void a_real_file_system_that_is_full_heals_when_there_is_room() throws Exception {
    try (SmallDisk disk = SmallDisk.mountedIn(folder, 96, "a store on a full file system")) {
      Path data = disk.folder().resolve("store");
      Load load;
      try (OpenedStore opened = open(data)) {
        load = new Load(opened, callers());
        load.underWay(
            () -> {
              disk.fill();
              load.awaitRefusal();
              assertThat(load.things.find(eq("_id", "first")).first()).isNotNull();
              disk.free();
              load.awaitSuccess();
            });
        assertThat(opened.store().verify()).isEmpty();
      }
      load.assertNothingIsLost(data);
    }
  }

  @Test
  void a_collection_that_could_not_be_made_on_a_full_disk_is_made_when_there_is_room() {
    try (OpenedStore opened = open(folder)) {
      MongoCollection<Document> known = opened.database().getCollection("known");
      known.insertOne(new Document("_id", 1));
      fillUp(opened, known);

      for (int i = 0; i < 3; i++) {
        MongoCollection<Document> wanted = opened.database().getCollection("wanted" + i);
        assertThatThrownBy(() -> insertMuch(wanted)).isInstanceOf(MongoException.class);
        assertThatThrownBy(() -> known.createIndex(Indexes.ascending("payload")))
            .isInstanceOf(MongoException.class);
      }
      assertThat(known.find(eq("_id", 1)).first()).isNotNull();

      opened.store().limitFile(PLENTY);
      for (int i = 0; i < 3; i++) {
        opened.database().getCollection("wanted" + i).insertOne(new Document("_id", "now"));
      }
      known.createIndex(Indexes.ascending("payload"));
      assertThat(opened.store().verify()).isEmpty();
    }
    try (OpenedStore opened = open(folder)) {
      assertThat(opened.database().listCollectionNames().into(new ArrayList<>()))
          .containsExactlyInAnyOrder("known", "wanted0", "wanted1", "wanted2");
      assertThat(opened.store().verify()).isEmpty();
    }
  }

  @Test
  void a_store_that_may_not_write_says_so_and_goes_on_when_it_may() {
    try (OpenedStore opened = open(folder)) {
      MongoCollection<Document> things = opened.database().getCollection("things");
      things.insertOne(new Document("_id", 1));

      opened.store().refuseWritesOfThisConnection();
      assertThatThrownBy(() -> things.insertOne(new Document("_id", 2)))
          .isInstanceOfSatisfying(
              MongoException.class, e -> assertThat(e.getCode()).isEqualTo(FILE_STREAM_FAILED));

      // The connection was replaced, and the file is as good as before.
      things.insertOne(new Document("_id", 3));
      assertThat(StoreContract.ids(things.find())).containsExactlyInAnyOrder(1, 3);
    }
  }

  @Test
  void a_file_that_was_moved_away_takes_no_writes_until_it_is_back() throws Exception {
    Path file = folder.resolve("store.db");
    Path elsewhere = folder.resolve("elsewhere.db");
    try (OpenedStore opened = open(folder)) {
      MongoCollection<Document> things = opened.database().getCollection("things");
      things.insertOne(new Document("_id", 1));
      Files.move(file, elsewhere);

      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> things.insertOne(new Document("_id", 2)))
            .isInstanceOf(MongoException.class)
            .hasMessageContaining("was removed or replaced");
      }
      assertThat(things.find(eq("_id", 1)).first()).isNotNull();
      assertThat(file).doesNotExist();

      Files.move(elsewhere, file);
      things.insertOne(new Document("_id", 3));
    }
    try (OpenedStore opened = open(folder)) {
      assertThat(StoreContract.ids(opened.database().getCollection("things").find()))
          .containsExactlyInAnyOrder(1, 3);
    }
  }

  @Test
  void a_field_that_became_an_array_in_an_undone_change_is_known_as_one_after_a_restart() {
    try (OpenedStore opened = open(folder)) {
      MongoCollection<Document> things = opened.database().getCollection("things");
      things.createIndex(Indexes.ascending("tags"));
      things.insertOne(new Document("_id", 1).append("tags", "none"));
      fillUp(opened, things);
      assertThatThrownBy(
              () ->
                  things.insertOne(
                      new Document("_id", 2)
                          .append("tags", List.of("a", "b"))
                          .append("payload", PAYLOAD.repeat(20))))
          .isInstanceOf(MongoException.class);

      opened.store().limitFile(PLENTY);
      var _ = things.updateOne(eq("_id", 1), Updates.set("tags", List.of("a", "b")));
    }
    try (OpenedStore opened = open(folder)) {
      // An index that is taken for one without arrays gives the document once for each key.
      assertThat(
              StoreContract.ids(
                  opened
                      .database()
                      .getCollection("things")
                      .find(new Document("tags", new Document("$in", List.of("a", "b"))))))
          .containsExactly(1);
    }
  }

  /** Writes until the store refuses. */
  private static void fillUp(OpenedStore opened, MongoCollection<Document> collection) {
    opened.store().limitFile(1);
    assertThat(catchThrowable(() -> insertMuch(collection))).isInstanceOf(MongoException.class);
  }

  private static void insertMuch(MongoCollection<Document> collection) {
    for (int i = 0; i < 10_000; i++) {
      collection.insertOne(new Document("payload", PAYLOAD));
    }
  }

  /** What happens in one round while the writers write. */
  private interface Round {
    void play() throws IOException;
  }

  /** Writers that remember what was acknowledged. */
  private static final class Load {
    private final MongoCollection<Document> things;
    private final Set<Object> acknowledged = ConcurrentHashMap.newKeySet();
    private final Set<Integer> codes = ConcurrentHashMap.newKeySet();
    private final AtomicInteger refusals = new AtomicInteger();
    private final AtomicInteger successes = new AtomicInteger();
    private final AtomicInteger numbers = new AtomicInteger();
    private volatile String lastRefusal = "none";
    private final Thread.Builder callers;
    private volatile boolean done;

    Load(OpenedStore opened, Thread.Builder callers) {
      this.callers = callers;
      things = opened.database().getCollection("things");
      things.createIndex(Indexes.ascending("n"));
      things.insertOne(new Document("_id", "first"));
      acknowledged.add("first");
    }

    void underWay(Round round) throws Exception {
      List<Thread> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        writers.add(callers.start(this::write));
      }
      try {
        for (int i = 0; i < ROUNDS; i++) {
          round.play();
        }
      } finally {
        done = true;
        for (Thread writer : writers) {
          writer.join();
        }
      }
    }

    private void write() {
      while (!done) {
        int n = numbers.incrementAndGet();
        try {
          things.insertOne(new Document("_id", n).append("n", n % 7).append("payload", PAYLOAD));
          acknowledged.add(n);
          successes.incrementAndGet();
        } catch (MongoException e) {
          codes.add(e.getCode());
          lastRefusal = String.valueOf(e.getMessage());
          refusals.incrementAndGet();
        }
      }
    }

    void awaitRefusal() {
      int before = refusals.get();
      await("a write is refused").until(() -> refusals.get() > before + WRITERS);
    }

    void awaitSuccess() {
      int before = successes.get();
      await("a write succeeds")
          .untilAsserted(
              () -> assertThat(successes.get()).as(lastRefusal).isGreaterThan(before + WRITERS));
    }

    void assertNothingIsLost(Path data) {
      try (OpenedStore opened = OpenedStore.in(data)) {
        Set<Object> there =
            opened.database().getCollection("things").find().into(new ArrayList<>()).stream()
                .map(each -> each.get("_id"))
                .collect(Collectors.toSet());
        assertThat(there).containsAll(acknowledged);
        assertThat(opened.store().verify()).isEmpty();
      }
    }
  }
}
