package io.capataz.embedded.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Indexes;
import io.capataz.common.command.StartFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreCopyTest {

  private static final int COPIES = 5;

  @TempDir Path folder;

  @Test
  void a_copy_made_under_load_is_sound_and_has_all_that_was_acknowledged() throws Exception {
    AtomicInteger acknowledged = new AtomicInteger();
    AtomicBoolean done = new AtomicBoolean();
    try (OpenedStore opened = OpenedStore.inProcess(folder.resolve("store"))) {
      MongoCollection<Document> jobs = opened.database().getCollection("jobs");
      var _ = jobs.createIndex(Indexes.descending("n"));
      Thread writer = Thread.ofPlatform().start(() -> write(jobs, acknowledged, done));
      try {
        for (int copy = 0; copy < COPIES; copy++) {
          int before = acknowledged.get();
          Path target = Files.createDirectories(folder.resolve("copy-" + copy));
          StoreCopy.make(
              folder.resolve("store"), target.resolve(StoreCopy.FILE), folder.resolve("native"));
          assertSound(target, before);
        }
      } finally {
        done.set(true);
        writer.join();
      }
    }
  }

  @Test
  void a_damaged_copy_is_found() throws Exception {
    try (OpenedStore opened = OpenedStore.inProcess(folder.resolve("store"))) {
      MongoCollection<Document> jobs = opened.database().getCollection("jobs");
      for (int n = 0; n < 500; n++) {
        jobs.insertOne(new Document("_id", n).append("text", "x".repeat(500)));
      }
    }
    Path copy = folder.resolve("copy");
    StoreCopy.make(folder.resolve("store"), copy, folder.resolve("native"));
    assertThat(StoreCopy.problems(copy, folder.resolve("native"))).isEmpty();
    byte[] bytes = Files.readAllBytes(copy);
    for (int at = bytes.length / 2; at < bytes.length / 2 + 5_000; at++) {
      bytes[at] ^= 0x55;
    }
    Files.write(copy, bytes);

    assertThat(StoreCopy.problems(copy, folder.resolve("native"))).isNotEmpty();
  }

  @Test
  void a_folder_without_a_store_is_refused_and_stays_as_it_is() {
    assertThatThrownBy(
            () -> StoreCopy.make(folder, folder.resolve("copy"), folder.resolve("native")))
        .isInstanceOf(StartFailure.class)
        .hasMessageContaining("There is no embedded store in " + folder);
    assertThat(folder).isEmptyDirectory();
  }

  private static void assertSound(Path copied, int acknowledged) {
    try (OpenedStore opened = OpenedStore.inProcess(copied)) {
      assertThat(opened.store().verify()).isEmpty();
      assertThat(opened.database().getCollection("jobs").countDocuments())
          .isGreaterThanOrEqualTo(acknowledged);
    }
  }

  private static void write(
      MongoCollection<Document> jobs, AtomicInteger acknowledged, AtomicBoolean done) {
    while (!done.get()) {
      int n = acknowledged.get();
      jobs.insertOne(new Document("_id", n).append("n", n).append("text", "x".repeat(n % 3_000)));
      acknowledged.set(n + 1);
    }
  }
}
