package io.capataz.embedded.store.inprocess;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.MongoClientSettings;
import com.mongodb.MongoCommandException;
import com.mongodb.MongoTimeoutException;
import com.mongodb.WriteConcern;
import com.mongodb.client.MongoClient;
import com.mongodb.event.CommandFailedEvent;
import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
import com.mongodb.event.CommandSucceededEvent;
import de.bwaldvogel.mongo.bson.Document;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.junit.jupiter.api.Test;

/** What the driver hands over and what it makes of it, with a store that only looks. */
class InProcessClientTest {

  private final List<Document> seen = Collections.synchronizedList(new ArrayList<>());

  private Document answer(Document command) {
    if (command.containsKey("hello")) {
      return new Document("ok", 1.0)
          .append("helloOk", true)
          .append("isWritablePrimary", true)
          .append("minWireVersion", 0)
          .append("maxWireVersion", 13)
          .append("maxWriteBatchSize", 3)
          .append("maxBsonObjectSize", 16 << 20)
          .append("maxMessageSizeBytes", 48 << 20)
          .append("logicalSessionTimeoutMinutes", 30);
    }
    seen.add(command);
    if (command.containsKey("fail")) {
      return new Document("ok", 0.0).append("errmsg", "planted").append("code", 2);
    }
    return new Document("ok", 1.0).append("n", 1);
  }

  @Test
  void a_command_names_its_database_last_and_itself_first() {
    try (MongoClient client = client(MongoClientSettings.builder().build())) {
      client.getDatabase("db").runCommand(new BsonDocument("ping", new BsonInt32(1)));
    }

    assertThat(seen.getFirst().keySet()).containsExactly("ping", "$db");
    assertThat(seen.getFirst().get("$db")).isEqualTo("db");
  }

  @Test
  void a_batch_is_split_where_a_server_would_want_it() {
    String megabytes = "x".repeat(7 << 20);
    try (MongoClient client = client(MongoClientSettings.builder().build())) {
      var things = client.getDatabase("db").getCollection("things");
      things.insertMany(documents(7, ""));
      things.insertMany(documents(3, megabytes));
    }

    assertThat(seen)
        .extracting(each -> requireNonNull((List<?>) each.get("documents")).size())
        .containsExactly(3, 3, 1, 2, 1);
  }

  private static List<org.bson.Document> documents(int count, String text) {
    List<org.bson.Document> documents = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      documents.add(new org.bson.Document("_id", i).append("text", text));
    }
    return documents;
  }

  @Test
  void a_write_that_nobody_wants_acknowledged_is_made_all_the_same() {
    try (MongoClient client = client(MongoClientSettings.builder().build())) {
      client
          .getDatabase("db")
          .getCollection("things")
          .withWriteConcern(WriteConcern.UNACKNOWLEDGED)
          .insertOne(new org.bson.Document("_id", 1));
    }

    assertThat(seen.getFirst()).containsEntry("insert", "things");
  }

  @Test
  void no_more_commands_run_at_once_than_the_pool_allows() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Commands slow =
        command -> {
          if (command.containsKey("slow")) {
            inside.countDown();
            try {
              goOn.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          }
          return answer(command);
        };
    MongoClientSettings oneAtATime =
        MongoClientSettings.builder()
            .applyToConnectionPoolSettings(
                pool -> pool.maxSize(1).maxWaitTime(20, TimeUnit.MILLISECONDS))
            .build();
    try (MongoClient client = InProcessClient.of(slow, oneAtATime)) {
      var database = client.getDatabase("db");
      Thread first =
          Thread.ofVirtual()
              .start(() -> database.runCommand(new BsonDocument("slow", new BsonInt32(1))));
      inside.await();

      assertThatThrownBy(() -> database.runCommand(new BsonDocument("ping", new BsonInt32(1))))
          .isInstanceOf(MongoTimeoutException.class)
          .hasMessageContaining("Timed out after 20 ms");
      goOn.countDown();
      first.join();
      database.runCommand(new BsonDocument("ping", new BsonInt32(1)));
    }
    assertThat(seen).extracting(each -> each.keySet().iterator().next()).startsWith("slow", "ping");
  }

  @Test
  void listeners_hear_of_each_command_and_what_came_of_it() {
    List<String> heard = new ArrayList<>();
    CommandListener listener =
        new CommandListener() {
          @Override
          public void commandStarted(CommandStartedEvent event) {
            heard.add("started " + event.getDatabaseName() + " " + event.getCommand().toJson());
          }

          @Override
          public void commandSucceeded(CommandSucceededEvent event) {
            heard.add(event.getCommandName() + " " + event.getResponse().getNumber("n").intValue());
          }

          @Override
          public void commandFailed(CommandFailedEvent event) {
            heard.add(event.getCommandName() + " " + event.getThrowable().getMessage());
          }
        };
    try (MongoClient client =
        client(MongoClientSettings.builder().addCommandListener(listener).build())) {
      var database = client.getDatabase("db");
      database.runCommand(new BsonDocument("ping", new BsonInt32(1)));
      assertThatThrownBy(() -> database.runCommand(new BsonDocument("fail", new BsonInt32(1))))
          .isInstanceOf(MongoCommandException.class);
    }

    assertThat(heard).hasSize(4);
    assertThat(heard.get(0)).isEqualTo("started db {\"ping\": 1, \"$db\": \"db\"}");
    assertThat(heard.get(1)).isEqualTo("ping 1");
    assertThat(heard.get(3)).startsWith("fail ").contains("planted");
  }

  private MongoClient client(MongoClientSettings settings) {
    return InProcessClient.of(this::answer, settings);
  }
}
