package io.capataz.embedded.store;

import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Filters.exists;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.MongoCommandException;
import com.mongodb.MongoException;
import com.mongodb.MongoNamespace;
import com.mongodb.client.ClientSession;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Aggregates;
import com.mongodb.client.model.Collation;
import com.mongodb.client.model.CreateCollectionOptions;
import com.mongodb.client.model.IndexOptions;
import com.mongodb.client.model.Indexes;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.Updates;
import com.mongodb.client.model.bulk.ClientNamespacedWriteModel;
import io.capataz.common.command.StartFailure;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.bson.types.Decimal128;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What the store does not do it says, so that nothing silently means less than on MongoDB. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RefusalsTest {

  private Path folder;
  private OpenedStore opened;
  private MongoCollection<Document> jobs;

  OpenedStore open(Path data) {
    return OpenedStore.in(data);
  }

  @BeforeAll
  void openStore(@TempDir Path folder) {
    this.folder = folder;
    opened = open(folder);
    jobs = opened.database().getCollection("jobs");
    jobs.insertOne(new Document("_id", 1).append("labels", List.of("a")));
  }

  @AfterAll
  void close() {
    opened.close();
  }

  @Test
  void a_transaction() {
    try (ClientSession session = opened.client().startSession()) {
      jobs.insertOne(session, new Document("_id", "a session alone is harmless"));
      session.startTransaction();
      assertRefused(() -> jobs.insertOne(session, new Document("_id", "lost")), "no transactions");
      session.abortTransaction();
    }
    assertThat(jobs.find(eq("_id", "lost")).first()).isNull();
  }

  @Test
  void a_change_stream() {
    assertRefused(() -> jobs.watch().iterator().close(), "$changeStream");
    assertRefused(() -> opened.database().watch().iterator().close(), "$changeStream");
  }

  @Test
  void indexes_that_would_mean_less() {
    assertIndexRefused(
        Indexes.ascending("a"),
        new IndexOptions().partialFilterExpression(exists("a")),
        "partialFilterExpression");
    assertIndexRefused(
        Indexes.ascending("a"),
        new IndexOptions().expireAfter(1L, TimeUnit.HOURS),
        "expireAfterSeconds");
    assertIndexRefused(Indexes.ascending("a"), new IndexOptions().hidden(true), "hidden");
    assertIndexRefused(
        Indexes.ascending("a"),
        new IndexOptions().collation(Collation.builder().locale("de").build()),
        "collation");
    assertIndexRefused(Indexes.text("a"), new IndexOptions(), "text");
    assertIndexRefused(Indexes.hashed("a"), new IndexOptions(), "hashed");
    assertIndexRefused(Indexes.geo2dsphere("a"), new IndexOptions(), "2dsphere");
    assertIndexRefused(Indexes.ascending("$**"), new IndexOptions(), "wildcards");
    assertIndexRefused(Indexes.ascending("list.0"), new IndexOptions(), "positions");
    assertThat(jobs.listIndexes().into(new ArrayList<>())).hasSize(1);
  }

  private void assertIndexRefused(Bson keys, IndexOptions options, String because) {
    assertThatThrownBy(() -> jobs.createIndex(keys, options))
        .isInstanceOfSatisfying(
            MongoCommandException.class, e -> assertThat(e.getErrorCode()).isEqualTo(67))
        .hasMessageContaining(because)
        .hasMessageContaining("--mongodb-uri");
  }

  @Test
  void two_arrays_in_one_index_and_values_without_a_key() {
    MongoCollection<Document> odd = opened.database().getCollection("odd");
    odd.createIndex(Indexes.ascending("a", "b"));

    assertRefused(
        () -> odd.insertOne(new Document("a", List.of(1, 2)).append("b", List.of(3))),
        "cannot index parallel arrays");
    assertRefused(() -> odd.insertOne(new Document("a", new Decimal128(1))), "Decimal128");
    assertThat(odd.countDocuments()).isZero();
  }

  @Test
  void updates_by_pipeline() {
    List<Bson> pipeline = List.of(Updates.set("a", 1));
    assertRefused(() -> jobs.updateOne(eq("_id", 1), pipeline), "pipeline");
    assertRefused(() -> jobs.findOneAndUpdate(eq("_id", 1), pipeline), "pipeline");
  }

  @Test
  void options_it_would_otherwise_ignore() {
    Collation german = Collation.builder().locale("de").build();
    assertRefused(() -> jobs.find().collation(german).first(), "collation");
    assertRefused(() -> jobs.aggregate(List.of(Aggregates.out("copy"))).toCollection(), "$out");
    assertRefused(
        () -> jobs.find().projection(Projections.computed("x", "$_id")).first(), "projection");
    assertRefused(
        () ->
            opened
                .database()
                .createCollection(
                    "capped", new CreateCollectionOptions().capped(true).sizeInBytes(4096)),
        "capped");
    assertRefused(
        () -> jobs.renameCollection(new MongoNamespace("test.other")), "renameCollection");
  }

  @Test
  void writes_to_several_collections_in_one_command() {
    MongoNamespace jobsName = new MongoNamespace("test.jobs");
    assertRefused(
        () ->
            opened
                .client()
                .bulkWrite(
                    List.of(
                        ClientNamespacedWriteModel.insertOne(
                            jobsName, new Document("_id", "of several")))),
        "bulkWrite");
    assertThat(jobs.find(eq("_id", "of several")).first()).isNull();
  }

  private static void assertRefused(ThrowingCallable call, String because) {
    assertThatThrownBy(call).isInstanceOf(MongoException.class).hasMessageContaining(because);
  }

  @Test
  void a_folder_that_another_store_has_open() {
    assertThatThrownBy(
            () ->
                EmbeddedStore.open(
                    folder, 0, EmbeddedStore.Durability.PROCESS_KILL, Clock.systemUTC()))
        .isInstanceOf(StartFailure.class)
        .hasMessage(
            "Cannot open the embedded store in %s: another process or store has it open. Stop that"
                + " one, or choose another folder with --data.",
            folder);
  }

  @Test
  void a_folder_that_another_process_has_open(@TempDir Path other) throws Exception {
    StoreUnderFire process = StoreUnderFire.start(other, EmbeddedStore.Durability.PROCESS_KILL);
    try {
      assertThatThrownBy(
              () ->
                  EmbeddedStore.open(
                      other, 0, EmbeddedStore.Durability.PROCESS_KILL, Clock.systemUTC()))
          .isInstanceOf(StartFailure.class)
          .hasMessageContaining("another process or store has it open");
    } finally {
      process.kill();
    }
    EmbeddedStore.open(other, 0, EmbeddedStore.Durability.PROCESS_KILL, Clock.systemUTC()).close();
  }

  @Test
  void a_port_that_is_taken(@TempDir Path other) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(
              () ->
                  EmbeddedStore.open(
                      other,
                      taken.getLocalPort(),
                      EmbeddedStore.Durability.PROCESS_KILL,
                      Clock.systemUTC()))
          .isInstanceOf(StartFailure.class)
          .hasMessageContaining("Port %d of 127.0.0.1 is taken", taken.getLocalPort())
          .hasMessageContaining("choose another port");
    }
    EmbeddedStore.open(other, 0, EmbeddedStore.Durability.PROCESS_KILL, Clock.systemUTC()).close();
  }
}
