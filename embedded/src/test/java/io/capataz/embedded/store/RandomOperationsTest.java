package io.capataz.embedded.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.ConnectionString;
import com.mongodb.MongoException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.FindOneAndUpdateOptions;
import com.mongodb.client.model.IndexOptions;
import com.mongodb.client.model.ReturnDocument;
import com.mongodb.client.result.UpdateResult;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import io.capataz.testing.Repetitions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Does the same random operations on the embedded store, which has indexes, and on the library's
 * memory backend, which scans. Whatever an index leaves out or puts into another order shows as a
 * difference.
 */
class RandomOperationsTest {

  private static final int ROUNDS = Repetitions.of("store.rounds");
  private static final int OPERATIONS = 400;
  private static final List<String> PATHS = List.of("a", "b", "c", "d.e", "d.f", "g.h");

  private Random random = new Random(0);

  /** The one field that may hold arrays in this round; an index over two of them is refused. */
  private String arrays = "c";

  @Test
  void both_stores_give_the_same_answers(@TempDir Path folder) {
    long seed = Long.getLong("store.seed", System.nanoTime());
    System.out.printf("RandomOperationsTest: seed %d; repeat with -Dstore.seed=%d%n", seed, seed);
    MongoServer memory = new MongoServer(new MemoryBackend());
    try (OpenedStore opened = OpenedStore.in(folder);
        MongoClient local = opened.store().client(StoreContract.settings().build());
        MongoClient other = connect(memory.bindAndGetConnectionString())) {
      for (int round = 0; round < ROUNDS; round++) {
        random = new Random(seed + round);
        arrays = oneOf(List.of("c", "g", "none"));
        MongoClient client = round % 2 == 0 ? opened.client() : local;
        MongoCollection<Document> ours = client.getDatabase("test").getCollection("round" + round);
        MongoCollection<Document> theirs = other.getDatabase("test").getCollection("round" + round);
        createIndexes(ours, theirs);
        for (int i = 0; i < OPERATIONS; i++) {
          Operation operation = anOperation();
          assertThat(outcome(operation, ours))
              .as("seed %d, operation %d: %s", seed + round, i, operation.text())
              .isEqualTo(outcome(operation, theirs));
        }
        assertThat(opened.store().verify()).as("seed %d", seed + round).isEmpty();
      }
    } finally {
      memory.shutdownNow();
    }
  }

  private static MongoClient connect(String uri) {
    return MongoClients.create(
        StoreContract.settings().applyConnectionString(new ConnectionString(uri)).build());
  }

  private record Operation(
      String text, Function<MongoCollection<Document>, @Nullable Object> work) {}

  private static Object outcome(Operation operation, MongoCollection<Document> on) {
    try {
      return String.valueOf(operation.work().apply(on));
    } catch (MongoException e) {
      return "error " + e.getCode();
    }
  }

  private void createIndexes(MongoCollection<Document> ours, MongoCollection<Document> theirs) {
    int several = 1 + random.nextInt(4);
    for (int i = 0; i < several; i++) {
      Document keys = new Document();
      int fields = 1 + random.nextInt(3);
      for (int j = 0; j < fields; j++) {
        keys.putIfAbsent(oneOf(PATHS), random.nextBoolean() ? 1 : -1);
      }
      if (random.nextBoolean()) {
        keys.put("_id", 1);
      }
      try {
        ours.createIndex(keys, new IndexOptions().sparse(random.nextInt(4) == 0));
      } catch (MongoException e) {
        assertThat(e.getCode()).as("same fields as another one").isIn(85, 86);
      }
    }
    if (random.nextBoolean()) {
      Document unique = new Document("u", 1);
      ours.createIndex(unique, new IndexOptions().unique(true).sparse(true));
      theirs.createIndex(unique, new IndexOptions().unique(true).sparse(true));
    }
  }

  private Operation anOperation() {
    return switch (random.nextInt(10)) {
      case 0, 1, 2 -> insert();
      case 3 -> updateMany();
      case 4 -> findAndModify();
      case 5 -> delete();
      case 6 -> count();
      default -> find();
    };
  }

  private Operation insert() {
    Document document = new Document("_id", random.nextInt(200));
    for (String path : List.of("a", "b", "c")) {
      if (random.nextInt(3) > 0) {
        document.put(path, value(path));
      }
    }
    if (random.nextInt(3) > 0) {
      document.put(
          "d",
          random.nextInt(4) == 0
              ? value("d")
              : new Document("e", value("d.e")).append("f", value("d.f")));
    }
    if (random.nextBoolean()) {
      document.put(
          "g",
          arrays.equals("g") && random.nextBoolean()
              ? someDocuments()
              : new Document("h", value("g.h")));
    }
    if (random.nextInt(3) == 0) {
      document.put("u", random.nextInt(50));
    }
    return new Operation(
        "insert " + document,
        on -> {
          on.insertOne(document);
          return "inserted";
        });
  }

  private Operation updateMany() {
    Document query = query();
    Document update = update();
    return new Operation(
        "updateMany %s %s".formatted(query, update),
        on -> {
          UpdateResult result = on.updateMany(query, update);
          return result.getMatchedCount() + "/" + result.getModifiedCount();
        });
  }

  private Operation findAndModify() {
    Document query = query();
    Document update = update();
    Document sort = sort();
    FindOneAndUpdateOptions options =
        new FindOneAndUpdateOptions()
            .sort(sort)
            .returnDocument(random.nextBoolean() ? ReturnDocument.AFTER : ReturnDocument.BEFORE);
    return new Operation(
        "findAndModify %s %s %s".formatted(query, sort, update),
        on -> on.findOneAndUpdate(query, update, options));
  }

  private Operation delete() {
    Document query = query().append("_id", new Document("$gt", random.nextInt(200)));
    return new Operation("delete " + query, on -> on.deleteMany(query).getDeletedCount());
  }

  private Operation count() {
    Document query = query();
    return new Operation("count " + query, on -> on.countDocuments(query));
  }

  private Operation find() {
    Document query = query();
    Document sort = sort();
    int skip = random.nextInt(3);
    int limit = random.nextInt(6);
    return new Operation(
        "find %s sort %s skip %d limit %d".formatted(query, sort, skip, limit),
        on -> on.find(query).sort(sort).skip(skip).limit(limit).into(new ArrayList<>()));
  }

  private Document query() {
    Document query = new Document();
    int conditions = random.nextInt(4);
    for (int i = 0; i < conditions; i++) {
      query.put(oneOf(PATHS), condition());
    }
    if (random.nextInt(4) == 0) {
      query.put(
          "_id",
          random.nextBoolean()
              ? random.nextInt(200)
              : new Document("$in", List.of(1, 2L, 3.0, random.nextInt(200))));
    }
    if (random.nextInt(8) == 0) {
      query.put(
          "$and",
          List.of(
              new Document(oneOf(PATHS), condition()), new Document(oneOf(PATHS), condition())));
    }
    if (random.nextInt(8) == 0) {
      query.put(
          "$or",
          List.of(
              new Document(oneOf(PATHS), condition()), new Document(oneOf(PATHS), condition())));
    }
    return query;
  }

  private @Nullable Object condition() {
    return switch (random.nextInt(9)) {
      case 0 ->
          new Document(
              "$in", IntStream.range(0, 1 + random.nextInt(3)).mapToObj(_ -> value("in")).toList());
      case 1 -> new Document("$gt", scalar());
      case 2 -> new Document("$gte", scalar());
      case 3 -> new Document("$lt", scalar());
      case 4 -> new Document("$lte", scalar());
      case 5 -> new Document("$gte", random.nextInt(4)).append("$lt", 2 + random.nextInt(5));
      case 6 -> new Document("$exists", random.nextBoolean());
      case 7 -> new Document("$ne", scalar());
      default -> value("equal");
    };
  }

  private Document update() {
    return switch (random.nextInt(5)) {
      case 0 -> new Document("$unset", new Document(oneOf(List.of("a", "b", "c")), ""));
      case 1 -> new Document("$set", new Document("n", random.nextInt()).append("b", value("b")));
      case 2 -> new Document("$inc", new Document("counter", 1));
      case 3 -> new Document("$push", new Document("list", random.nextInt(3)));
      default -> {
        String path = oneOf(List.of("a", "b", "c"));
        yield new Document("$set", new Document(path, value(path)));
      }
    };
  }

  /**
   * Ends with the id, so that there is one right order. Not by the field with arrays: the library's
   * own order of arrays depends on the order in which it meets them.
   */
  private Document sort() {
    Document sort = new Document();
    int fields = random.nextInt(3);
    for (int i = 0; i < fields; i++) {
      String path = oneOf(PATHS);
      if (!path.startsWith(arrays)) {
        sort.put(path, random.nextBoolean() ? 1 : -1);
      }
    }
    return sort.append("_id", random.nextInt(4) == 0 ? -1 : 1);
  }

  private @Nullable Object value(String path) {
    return switch (random.nextInt(12)) {
      case 0 -> null;
      case 1, 2, 3 -> path.equals(arrays) ? someScalars() : scalar();
      default -> scalar();
    };
  }

  private List<Object> someScalars() {
    return IntStream.range(0, random.nextInt(4)).mapToObj(_ -> scalar()).toList();
  }

  private List<Object> someDocuments() {
    return IntStream.range(0, random.nextInt(4))
        .<Object>mapToObj(_ -> random.nextInt(5) == 0 ? scalar() : new Document("h", value("g.h")))
        .toList();
  }

  private Object scalar() {
    return switch (random.nextInt(8)) {
      case 0 -> (long) random.nextInt(6);
      case 1 -> random.nextInt(12) / 2.0;
      case 2 -> oneOf(List.of("", "x", "y", "yy"));
      case 3 -> random.nextBoolean();
      case 4 -> StoreContract.at(random.nextInt(5));
      default -> random.nextInt(6);
    };
  }

  private <T> T oneOf(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
