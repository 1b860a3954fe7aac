package io.capataz.embedded.store;

import static com.mongodb.client.model.Filters.eq;
import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Indexes;
import com.mongodb.client.model.Updates;
import io.capataz.embedded.ChildJvm;
import io.capataz.testing.Repetitions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A kill loses nothing that was acknowledged to callers in the same process either, which die with
 * it: what counts is what they have told others.
 */
class InProcessKillTest {

  private static final int KILLS = Repetitions.of("store.kills") / 2;
  private static final int WRITERS = 8;
  private static final int DOCUMENTS_BEFORE_THE_KILL = 5;
  private static final String KEPT = "kept ";

  @Test
  void nothing_told_to_others_is_lost_when_the_process_is_killed(@TempDir Path folder)
      throws Exception {
    Map<String, Integer> told = new HashMap<>();
    for (int kill = 1; kill <= KILLS; kill++) {
      String life = "life" + kill;
      try (ChildJvm child = ChildJvm.start(InProcessKillTest.class, folder.toString(), life)) {
        var _ = child.lineBeginningWith(KEPT + life + "-w0-" + DOCUMENTS_BEFORE_THE_KILL);
        child.kill();
        kept(child).forEach(line -> remember(told, line));
      }
      assertAllIsThere(folder, told);
    }
    assertThat(told).hasSizeGreaterThanOrEqualTo(KILLS * DOCUMENTS_BEFORE_THE_KILL);
  }

  private static List<String> kept(ChildJvm child) {
    return child.lines().stream().filter(line -> line.startsWith(KEPT)).toList();
  }

  /** A line may be cut off by the kill; its last word is {@code .} if it is not. */
  private static void remember(Map<String, Integer> told, String line) {
    String[] words = line.split(" ", -1);
    if (words.length == 4 && words[3].equals(".")) {
      told.merge(words[1], Integer.parseInt(words[2]), Math::max);
    }
  }

  private static void assertAllIsThere(Path folder, Map<String, Integer> told) {
    try (OpenedStore opened = OpenedStore.inProcess(folder)) {
      assertThat(opened.store().verify()).isEmpty();
      Map<String, Integer> found = new HashMap<>();
      for (Document each : opened.database().getCollection("jobs").find()) {
        found.put(each.getString("_id"), each.getInteger("rev"));
      }
      told.forEach(
          (id, revision) ->
              assertThat(found.getOrDefault(id, -1)).as(id).isGreaterThanOrEqualTo(revision));
    }
  }

  /** Writes until it is killed, and says of each write that it is kept. */
  public static void main(String[] arguments) throws InterruptedException {
    StoreUnderFire.quiet();
    OpenedStore opened = OpenedStore.inProcess(Path.of(arguments[0]));
    MongoCollection<Document> jobs = opened.database().getCollection("jobs");
    jobs.createIndex(Indexes.ascending("rev"));
    for (int i = 0; i < WRITERS; i++) {
      String writer = arguments[1] + "-w" + i;
      var _ = Thread.ofVirtual().start(() -> write(jobs, writer));
    }
    new CountDownLatch(1).await();
  }

  private static void write(MongoCollection<Document> jobs, String writer) {
    for (int n = 0; true; n++) {
      String id = writer + "-" + n;
      jobs.insertOne(new Document("_id", id).append("rev", 0).append("tags", new ArrayList<>()));
      say(id, 0);
      for (int revision = 1; revision < 4; revision++) {
        if (jobs.updateOne(eq("_id", id), Updates.inc("rev", 1)).getModifiedCount() == 1) {
          say(id, revision);
        }
      }
    }
  }

  private static void say(String id, int revision) {
    System.out.println(KEPT + id + " " + revision + " .");
  }
}
