package io.capataz.embedded.store;

import static com.mongodb.client.model.Filters.and;
import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Filters.exists;
import static com.mongodb.client.model.Filters.gt;
import static com.mongodb.client.model.Filters.gte;
import static com.mongodb.client.model.Filters.in;
import static com.mongodb.client.model.Filters.lt;
import static com.mongodb.client.model.Filters.lte;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.MongoClientSettings;
import com.mongodb.MongoCommandException;
import com.mongodb.MongoWriteException;
import com.mongodb.WriteConcern;
import com.mongodb.client.FindIterable;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Accumulators;
import com.mongodb.client.model.Aggregates;
import com.mongodb.client.model.FindOneAndUpdateOptions;
import com.mongodb.client.model.IndexModel;
import com.mongodb.client.model.IndexOptions;
import com.mongodb.client.model.Indexes;
import com.mongodb.client.model.InsertManyOptions;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.PushOptions;
import com.mongodb.client.model.ReturnDocument;
import com.mongodb.client.model.Sorts;
import com.mongodb.client.model.UpdateOneModel;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.Updates;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.bson.BsonMaximumSizeExceededException;
import org.bson.BsonRegularExpression;
import org.bson.BsonSerializationException;
import org.bson.BsonTimestamp;
import org.bson.Document;
import org.bson.UuidRepresentation;
import org.bson.conversions.Bson;
import org.bson.types.Binary;
import org.bson.types.Code;
import org.bson.types.Decimal128;
import org.bson.types.MaxKey;
import org.bson.types.MinKey;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the product asks of its store; every store it may run on must answer all of it in the same
 * way.
 */
abstract class StoreContract {

  private MongoCollection<Document> jobs;

  abstract MongoClient client();

  static MongoClientSettings.Builder settings() {
    return MongoClientSettings.builder()
        .uuidRepresentation(UuidRepresentation.STANDARD)
        .writeConcern(WriteConcern.MAJORITY.withJournal(true));
  }

  @BeforeEach
  void anEmptyCollection() {
    client().getDatabase("contract").drop();
    jobs = client().getDatabase("contract").getCollection("jobs");
  }

  // ---- insert

  @Test
  void a_second_document_with_the_same_id_is_refused() {
    jobs.insertOne(new Document("_id", "a").append("n", 1));

    assertThatThrownBy(() -> jobs.insertOne(new Document("_id", "a").append("n", 2)))
        .isInstanceOfSatisfying(
            MongoWriteException.class, e -> assertThat(e.getError().getCode()).isEqualTo(11000));
    assertThat(jobs.find(eq("a")).first()).isEqualTo(new Document("_id", "a").append("n", 1));
  }

  @Test
  void an_unordered_insert_goes_on_behind_a_duplicate() {
    jobs.insertOne(new Document("_id", 2));

    assertThatThrownBy(
            () ->
                jobs.insertMany(
                    List.of(new Document("_id", 1), new Document("_id", 2), new Document("_id", 3)),
                    new InsertManyOptions().ordered(false)))
        .hasMessageContaining("E11000");
    assertThat(ids(jobs.find().sort(Sorts.ascending("_id")))).containsExactly(1, 2, 3);
  }

  @Test
  void numbers_of_different_types_are_the_same_id() {
    jobs.insertOne(new Document("_id", 1));

    assertThatThrownBy(() -> jobs.insertOne(new Document("_id", 1L)))
        .hasMessageContaining("E11000");
    assertThatThrownBy(() -> jobs.insertOne(new Document("_id", 1.0)))
        .hasMessageContaining("E11000");
  }

  @Test
  void every_type_comes_back_as_it_went_in() {
    Document everything =
        new Document("_id", new ObjectId())
            .append("int", 1)
            .append("long", Long.MAX_VALUE)
            .append("double", 0.1)
            .append("text", "añb\u0000c\uD83D\uDE00")
            .append("yes", true)
            .append("date", at(1_700_000_000_123L))
            .append("binary", new Binary(new byte[] {0, 1, -1}))
            .append("uuid", UUID.fromString("c0ffee00-1234-4321-8765-0123456789ab"))
            .append("nothing", null)
            .append("list", List.of(1, "two", new Document("three", 3), List.of(4)))
            .append("nested", new Document("a", new Document("b", new Document())));
    jobs.insertOne(everything);

    assertThat(jobs.find().first()).isEqualTo(everything);
  }

  @Test
  void rarer_types_come_back_as_they_went_in() {
    Document rare =
        new Document("_id", 1)
            .append("decimal", new Decimal128(17))
            .append("pattern", new BsonRegularExpression("a.*", "i"))
            .append("timestamp", new BsonTimestamp(1_700_000_000, 3))
            .append("least", new MinKey())
            .append("most", new MaxKey())
            .append("code", new Code("return 1"));
    jobs.insertOne(rare);

    assertThat(jobs.find().first()).isEqualTo(rare);
  }

  @Test
  void text_that_is_no_unicode_is_found_again() {
    String half = "half a pair: \uD83D";
    jobs.insertOne(new Document("_id", half).append("text", half));

    assertThat(jobs.find(eq("_id", half)).map(found -> found.getString("text")).first())
        .isEqualTo("half a pair: \uFFFD");
  }

  @Test
  void a_document_that_is_too_large_is_refused_and_those_before_it_are_kept() {
    Document large = new Document("_id", 2).append("text", "x".repeat(17 << 20));

    assertThatThrownBy(() -> jobs.insertMany(List.of(new Document("_id", 1), large)))
        .isInstanceOf(BsonMaximumSizeExceededException.class);
    assertThat(ids(jobs.find())).containsExactly(1);
    assertThatThrownBy(() -> jobs.find(large).first())
        .isInstanceOf(BsonMaximumSizeExceededException.class);
  }

  @Test
  void a_name_with_a_null_character_is_refused() {
    assertThatThrownBy(() -> jobs.insertOne(new Document("a\u0000b", 1)))
        .isInstanceOf(BsonSerializationException.class)
        .hasMessageContaining("null character at index 1");
    assertThat(jobs.countDocuments()).isZero();
  }

  // ---- compare and set

  @Test
  void a_guarded_update_changes_the_document_only_in_an_allowed_state() {
    jobs.insertOne(aJob("j1", "READY").append("attempt", 0).append("rev", 1));

    Document claimed =
        jobs.findOneAndUpdate(
            and(eq("_id", "j1"), in("state", "READY", "SCHEDULED"), eq("attempt", 0)),
            Updates.combine(
                Updates.set("state", "ASSIGNED"),
                Updates.set("lease", new Document("agent", "a1").append("claimId", "c1")),
                Updates.inc("attempt", 1),
                Updates.inc("rev", 1)),
            new FindOneAndUpdateOptions().returnDocument(ReturnDocument.AFTER));
    Document late =
        jobs.findOneAndUpdate(
            and(eq("_id", "j1"), in("state", "READY", "SCHEDULED")),
            Updates.set("state", "ASSIGNED"));

    assertThat(claimed)
        .containsEntry("state", "ASSIGNED")
        .containsEntry("attempt", 1)
        .containsEntry("rev", 2);
    assertThat(late).isNull();
  }

  @Test
  void an_old_attempt_is_fenced_off() {
    jobs.insertOne(
        aJob("j1", "RUNNING").append("attempt", 2).append("lease", new Document("claimId", "c2")));

    Document old =
        jobs.findOneAndUpdate(
            and(
                eq("_id", "j1"),
                eq("state", "RUNNING"),
                eq("attempt", 1),
                eq("lease.claimId", "c1")),
            Updates.set("state", "SUCCEEDED"));
    Document current =
        jobs.findOneAndUpdate(
            and(
                eq("_id", "j1"),
                eq("state", "RUNNING"),
                eq("attempt", 2),
                eq("lease.claimId", "c2")),
            Updates.set("state", "SUCCEEDED"));

    assertThat(old).isNull();
    assertThat(current).containsEntry("state", "RUNNING");
  }

  @Test
  void of_many_who_claim_one_job_exactly_one_gets_it() throws Exception {
    jobs.insertOne(aJob("j1", "READY").append("attempt", 0));

    List<Callable<Boolean>> claims = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      String agent = "a" + i;
      claims.add(
          () ->
              jobs.findOneAndUpdate(
                      and(eq("_id", "j1"), eq("state", "READY")),
                      Updates.combine(
                          Updates.set("state", "ASSIGNED"), Updates.set("agent", agent)))
                  != null);
    }
    int won = 0;
    try (ExecutorService agents = Executors.newFixedThreadPool(16)) {
      for (Future<Boolean> claim : agents.invokeAll(claims)) {
        won += claim.get() ? 1 : 0;
      }
    }

    assertThat(won).isEqualTo(1);
  }

  @Test
  void increments_of_many_are_all_counted() throws Exception {
    jobs.insertOne(new Document("_id", "counter").append("n", 0));

    List<Callable<Boolean>> increments = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      increments.add(
          () -> jobs.updateOne(eq("_id", "counter"), Updates.inc("n", 1)).getModifiedCount() == 1);
    }
    try (ExecutorService writers = Executors.newFixedThreadPool(8)) {
      for (Future<Boolean> increment : writers.invokeAll(increments)) {
        assertThat(increment.get()).isTrue();
      }
    }

    assertThat(jobs.find().first()).containsEntry("n", 200);
  }

  @Test
  void find_and_modify_takes_the_first_in_order() {
    jobs.createIndex(Indexes.ascending("state", "created"));
    jobs.insertMany(
        List.of(
            aJob("late", "READY").append("created", 3),
            aJob("first", "READY").append("created", 1),
            aJob("done", "SUCCEEDED").append("created", 0)));

    Document taken =
        jobs.findOneAndUpdate(
            eq("state", "READY"),
            Updates.set("state", "ASSIGNED"),
            new FindOneAndUpdateOptions().sort(Sorts.ascending("created")));

    assertThat(taken).containsEntry("_id", "first");
  }

  // ---- update operators

  @Test
  void update_operators_do_what_they_say() {
    jobs.insertOne(
        new Document("_id", 1)
            .append("a", 1)
            .append("gone", 1)
            .append("list", List.of(1, 2, 3))
            .append("set", List.of("x"))
            .append("effects", List.of(new Document("id", "e1"), new Document("id", "e2"))));

    jobs.updateOne(
        eq("_id", 1),
        Updates.combine(
            Updates.set("deep.down", "here"),
            Updates.unset("gone"),
            Updates.inc("a", 41L),
            Updates.push("list", 4),
            Updates.addToSet("set", "x"),
            Updates.pull("effects", new Document("id", "e1"))));

    assertThat(jobs.find().first())
        .isEqualTo(
            new Document("_id", 1)
                .append("a", 42L)
                .append("list", List.of(1, 2, 3, 4))
                .append("set", List.of("x"))
                .append("effects", List.of(new Document("id", "e2")))
                .append("deep", new Document("down", "here")));
  }

  @Test
  void a_bounded_list_keeps_its_newest() {
    jobs.insertOne(new Document("_id", 1).append("attempts", List.of(1, 2, 3)));

    jobs.updateOne(
        eq("_id", 1), Updates.pushEach("attempts", List.of(4, 5), new PushOptions().slice(-3)));

    assertThat(jobs.find().first()).containsEntry("attempts", List.of(3, 4, 5));
  }

  @Test
  void the_element_that_matched_is_updated() {
    jobs.insertOne(
        new Document("_id", 1)
            .append(
                "runs",
                List.of(
                    new Document("n", 1).append("s", "a"), new Document("n", 2).append("s", "a"))));

    jobs.updateOne(and(eq("_id", 1), eq("runs.n", 2)), Updates.set("runs.$.s", "b"));

    assertThat(jobs.find(eq("_id", 1)).first())
        .containsEntry(
            "runs",
            List.of(new Document("n", 1).append("s", "a"), new Document("n", 2).append("s", "b")));
  }

  @Test
  void an_upsert_inserts_once_and_then_updates() {
    UpdateOptions upsert = new UpdateOptions().upsert(true);

    var first =
        jobs.updateOne(
            eq("_id", "s"),
            Updates.combine(Updates.set("n", 1), Updates.setOnInsert("made", true)),
            upsert);
    var second = jobs.updateOne(eq("_id", "s"), Updates.set("n", 2), upsert);

    assertThat(first.getUpsertedId()).isNotNull();
    assertThat(second.getMatchedCount()).isEqualTo(1);
    assertThat(jobs.find().first())
        .isEqualTo(new Document("_id", "s").append("n", 2).append("made", true));
  }

  @Test
  void an_upsert_by_find_and_modify_returns_the_new_document() {
    Document made =
        jobs.findOneAndUpdate(
            eq("_id", "s"),
            Updates.inc("epoch", 1),
            new FindOneAndUpdateOptions().upsert(true).returnDocument(ReturnDocument.AFTER));

    assertThat(made).isEqualTo(new Document("_id", "s").append("epoch", 1));
  }

  @Test
  void a_replacement_keeps_the_id_and_nothing_else() {
    jobs.insertOne(new Document("_id", 1).append("a", 1));

    jobs.replaceOne(eq("_id", 1), new Document("b", 2));

    assertThat(jobs.find().first()).isEqualTo(new Document("_id", 1).append("b", 2));
  }

  @Test
  void an_update_of_many_says_how_many() {
    jobs.createIndex(Indexes.ascending("state"));
    jobs.insertMany(List.of(aJob("a", "READY"), aJob("b", "READY"), aJob("c", "HELD")));

    var result = jobs.updateMany(eq("state", "READY"), Updates.set("state", "CANCELED"));

    assertThat(result.getModifiedCount()).isEqualTo(2);
    assertThat(ids(jobs.find(eq("state", "CANCELED")).sort(Sorts.ascending("_id"))))
        .containsExactly("a", "b");
  }

  // ---- unique indexes

  @Test
  void a_unique_index_refuses_a_second_holder_and_leaves_everything_as_it_was() {
    jobs.createIndex(Indexes.ascending("tenant", "name"), new IndexOptions().unique(true));
    jobs.createIndex(Indexes.ascending("n"));
    jobs.insertOne(new Document("_id", 1).append("tenant", "t").append("name", "a").append("n", 1));
    jobs.insertOne(new Document("_id", 2).append("tenant", "t").append("name", "b").append("n", 2));

    assertThatThrownBy(
            () -> jobs.insertOne(new Document("_id", 3).append("tenant", "t").append("name", "a")))
        .hasMessageContaining("E11000");
    assertThatThrownBy(
            () ->
                jobs.updateOne(
                    eq("_id", 2), Updates.combine(Updates.set("name", "a"), Updates.set("n", 9))))
        .hasMessageContaining("E11000");

    assertThat(jobs.countDocuments()).isEqualTo(2);
    assertThat(ids(jobs.find(eq("n", 2)))).containsExactly(2);
    assertThat(ids(jobs.find(and(eq("tenant", "t"), eq("name", "b"))))).containsExactly(2);
  }

  @Test
  void a_deleted_document_frees_its_unique_key() {
    jobs.createIndex(Indexes.ascending("name"), new IndexOptions().unique(true));
    jobs.insertOne(new Document("_id", 1).append("name", "a"));

    jobs.deleteOne(eq("_id", 1));
    jobs.insertOne(new Document("_id", 2).append("name", "a"));

    assertThat(ids(jobs.find(eq("name", "a")))).containsExactly(2);
  }

  @Test
  void a_unique_index_counts_an_absent_field_as_null_and_a_sparse_one_does_not() {
    jobs.createIndex(Indexes.ascending("plain"), new IndexOptions().unique(true));
    jobs.insertOne(new Document("_id", 1));
    assertThatThrownBy(() -> jobs.insertOne(new Document("_id", 2))).hasMessageContaining("E11000");

    jobs.dropIndex("plain_1");
    jobs.createIndex(Indexes.ascending("plain"), new IndexOptions().unique(true).sparse(true));
    jobs.insertOne(new Document("_id", 2));

    assertThat(ids(jobs.find(eq("plain", null)).sort(Sorts.ascending("_id"))))
        .containsExactly(1, 2);
  }

  @Test
  void a_unique_index_is_not_made_over_duplicates() {
    jobs.insertMany(
        List.of(new Document("_id", 1).append("n", 1), new Document("_id", 2).append("n", 1)));

    assertThatThrownBy(
            () -> jobs.createIndex(Indexes.ascending("n"), new IndexOptions().unique(true)))
        .hasMessageContaining("E11000");
    assertThat(jobs.listIndexes().map(index -> index.getString("name")).into(new ArrayList<>()))
        .containsExactly("_id_");
  }

  @Test
  void an_index_may_be_created_again_but_not_with_other_options() {
    jobs.createIndexes(
        List.of(
            new IndexModel(Indexes.ascending("a"), new IndexOptions().name("one")),
            new IndexModel(Indexes.descending("b"))));
    jobs.createIndex(Indexes.ascending("a"), new IndexOptions().name("one"));

    assertThatThrownBy(
            () -> jobs.createIndex(Indexes.ascending("z"), new IndexOptions().name("one")))
        .isInstanceOf(MongoCommandException.class);
    assertThatThrownBy(
            () -> jobs.createIndex(Indexes.ascending("a"), new IndexOptions().name("two")))
        .isInstanceOf(MongoCommandException.class);
  }

  @Test
  void an_index_of_one_collection_can_be_dropped_without_the_other() {
    MongoCollection<Document> tasks = client().getDatabase("contract").getCollection("tasks");
    jobs.createIndex(Indexes.ascending("name"));
    tasks.createIndex(Indexes.ascending("name"));

    jobs.dropIndexes();

    assertThat(jobs.listIndexes().into(new ArrayList<>())).hasSize(1);
    assertThat(tasks.listIndexes().into(new ArrayList<>())).hasSize(2);
  }

  // ---- queries

  @Test
  void sort_and_limit_by_an_index_with_descending_fields() {
    jobs.createIndex(
        Indexes.compoundIndex(
            Indexes.ascending("host"),
            Indexes.descending("priority"),
            Indexes.ascending("created")));
    for (int i = 0; i < 30; i++) {
      jobs.insertOne(
          new Document("_id", i)
              .append("host", "h" + i % 2)
              .append("priority", i % 3)
              .append("created", i));
    }

    assertThat(
            ids(
                jobs.find(eq("host", "h0"))
                    .sort(Sorts.orderBy(Sorts.descending("priority"), Sorts.ascending("created")))
                    .limit(3)))
        .containsExactly(2, 8, 14);
    assertThat(
            ids(
                jobs.find(eq("host", "h0"))
                    .sort(Sorts.orderBy(Sorts.ascending("priority"), Sorts.descending("created")))
                    .limit(3)))
        .containsExactly(24, 18, 12);
  }

  @Test
  void several_states_in_one_order() {
    jobs.createIndex(Indexes.ascending("host", "state", "created", "_id"));
    List<String> states = List.of("HELD", "READY", "SCHEDULED", "RUNNING");
    for (int i = 0; i < 40; i++) {
      jobs.insertOne(
          aJob("j" + (100 + i), states.get(i % 4))
              .append("host", "h")
              .append("created", at(1000L * (i / 2))));
    }

    assertThat(
            ids(
                jobs.find(and(eq("host", "h"), in("state", "READY", "SCHEDULED")))
                    .sort(Sorts.ascending("created", "_id"))
                    .limit(4)))
        .containsExactly("j101", "j102", "j105", "j106");
    assertThat(
            ids(
                jobs.find(and(eq("host", "h"), in("state", "READY", "SCHEDULED")))
                    .sort(Sorts.descending("created", "_id"))
                    .skip(1)
                    .limit(2)))
        .containsExactly("j137", "j134");
  }

  @Test
  void ranges_see_only_values_of_their_own_type() {
    jobs.createIndex(Indexes.ascending("wake.at"));
    jobs.insertMany(
        List.of(
            new Document("_id", 1),
            new Document("_id", 2).append("wake", null),
            new Document("_id", 3).append("wake", new Document("at", null)),
            new Document("_id", 4).append("wake", new Document("at", at(10))),
            new Document("_id", 5).append("wake", new Document("at", at(20))),
            new Document("_id", 6).append("wake", new Document("at", 5)),
            new Document("_id", 7).append("wake", new Document("at", "text"))));

    assertThat(ids(jobs.find(lte("wake.at", at(10))))).containsExactly(4);
    assertThat(ids(jobs.find(gte("wake.at", at(10))).sort(Sorts.descending("wake.at"))))
        .containsExactly(5, 4);
    assertThat(ids(jobs.find(gt("wake.at", 4.5)))).containsExactly(6);
    assertThat(ids(jobs.find(lt("wake.at", "u")))).containsExactly(7);
    assertThat(ids(jobs.find(and(gt("wake.at", at(10)), lt("wake.at", at(30))))))
        .containsExactly(5);
  }

  @Test
  void null_matches_what_is_absent_and_exists_does_not() {
    jobs.createIndex(Indexes.ascending("x"));
    jobs.insertMany(
        List.of(
            new Document("_id", 1),
            new Document("_id", 2).append("x", null),
            new Document("_id", 3).append("x", 0)));

    assertThat(ids(jobs.find(eq("x", null)).sort(Sorts.ascending("_id")))).containsExactly(1, 2);
    assertThat(ids(jobs.find(exists("x")).sort(Sorts.ascending("_id")))).containsExactly(2, 3);
    assertThat(ids(jobs.find(exists("x", false)))).containsExactly(1);
    assertThat(ids(jobs.find(in("x", null, 0)).sort(Sorts.ascending("_id"))))
        .containsExactly(1, 2, 3);
  }

  @Test
  void types_sort_in_bsons_order() {
    List<Object> inOrder =
        List.of(
            Long.MIN_VALUE,
            -1.5,
            0,
            1L,
            1.5,
            Long.MAX_VALUE - 1,
            Long.MAX_VALUE,
            "",
            "A",
            "a",
            "a\u0000",
            "b",
            new Document("a", 1),
            new Document("a", 2),
            new Binary(new byte[] {9}),
            new Binary(new byte[] {1, 1}),
            new ObjectId(new byte[12]),
            false,
            true,
            at(-1),
            at(1));
    for (int i = 0; i < inOrder.size(); i++) {
      jobs.insertOne(new Document("_id", i).append("v", inOrder.get(i)));
    }
    jobs.insertOne(new Document("_id", -1));
    jobs.createIndex(Indexes.ascending("v"));

    assertThat(ids(jobs.find().sort(Sorts.ascending("v"))))
        .containsExactlyElementsOf(IntStream.rangeClosed(-1, inOrder.size() - 1).boxed().toList());
    assertThat(ids(jobs.find().sort(Sorts.descending("v"))))
        .containsExactlyElementsOf(
            IntStream.rangeClosed(-1, inOrder.size() - 1)
                .map(i -> inOrder.size() - 2 - i)
                .boxed()
                .toList());
  }

  @Test
  void an_index_finds_elements_of_arrays() {
    jobs.createIndex(Indexes.ascending("labels"));
    jobs.createIndex(Indexes.ascending("effects.id"));
    jobs.insertMany(
        List.of(
            new Document("_id", 1).append("labels", List.of("linux", "gpu", "linux")),
            new Document("_id", 2).append("labels", "linux"),
            new Document("_id", 3)
                .append("labels", List.of())
                .append("effects", List.of(new Document("id", 7))),
            new Document("_id", 4).append("labels", List.of(1, 10))));

    assertThat(ids(jobs.find(eq("labels", "linux")).sort(Sorts.ascending("_id"))))
        .containsExactly(1, 2);
    assertThat(ids(jobs.find(in("labels", "gpu", "linux")).sort(Sorts.ascending("_id"))))
        .containsExactly(1, 2);
    assertThat(ids(jobs.find(eq("labels", List.of(1, 10))))).containsExactly(4);
    assertThat(ids(jobs.find(and(gt("labels", 5), lt("labels", 6))))).containsExactly(4);
    assertThat(ids(jobs.find(eq("effects.id", 7)))).containsExactly(3);

    jobs.updateOne(eq("_id", 1), Updates.pull("labels", "linux"));
    assertThat(ids(jobs.find(eq("labels", "linux")))).containsExactly(2);
  }

  @Test
  void a_sort_by_an_array_takes_its_smallest_or_its_largest_element() {
    jobs.insertMany(
        List.of(
            new Document("_id", 1).append("n", List.of(1, 10)),
            new Document("_id", 2).append("n", 5),
            new Document("_id", 3).append("n", List.of()),
            new Document("_id", 4)));

    assertThat(ids(jobs.find().sort(Sorts.ascending("n")))).containsExactly(3, 4, 1, 2);
    assertThat(ids(jobs.find().sort(Sorts.descending("n")))).containsExactly(1, 2, 4, 3);

    jobs.createIndex(Indexes.ascending("n"));
    assertThat(ids(jobs.find().sort(Sorts.ascending("n")))).containsExactly(3, 4, 1, 2);
    assertThat(ids(jobs.find(gt("n", 3)).sort(Sorts.ascending("n")))).containsExactly(1, 2);
  }

  @Test
  void an_ordered_bulk_stops_at_its_first_error() {
    jobs.insertMany(List.of(new Document("_id", 1), new Document("_id", 2)));

    assertThatThrownBy(
            () ->
                jobs.bulkWrite(
                    List.of(
                        new UpdateOneModel<>(eq("_id", 1), Updates.set("a", 1)),
                        new UpdateOneModel<>(eq("_id", 1), Updates.set("_id", 9)),
                        new UpdateOneModel<>(eq("_id", 2), Updates.set("a", 1)))))
        .isInstanceOfSatisfying(
            MongoBulkWriteException.class,
            e -> {
              assertThat(e.getWriteErrors())
                  .singleElement()
                  .satisfies(error -> assertThat(error.getIndex()).isEqualTo(1));
              assertThat(e.getWriteResult().getModifiedCount()).isEqualTo(1);
            });
    assertThat(jobs.find(eq("_id", 2)).first()).isEqualTo(new Document("_id", 2));
  }

  @Test
  void projections_include_and_exclude() {
    jobs.insertOne(
        new Document("_id", 1)
            .append("a", 1)
            .append("b", new Document("c", 2).append("d", 3))
            .append("list", List.of(1, 2, 3)));

    assertThat(jobs.find().projection(Projections.include("a", "b.c")).first())
        .isEqualTo(new Document("_id", 1).append("a", 1).append("b", new Document("c", 2)));
    assertThat(jobs.find().projection(Projections.exclude("list", "b")).first())
        .isEqualTo(new Document("_id", 1).append("a", 1));
    assertThat(
            jobs.find()
                .projection(Projections.fields(Projections.include("a"), Projections.excludeId()))
                .first())
        .isEqualTo(new Document("a", 1));
  }

  @Test
  void a_large_answer_comes_in_batches_and_complete() {
    jobs.insertMany(
        IntStream.range(0, 1_000)
            .mapToObj(i -> new Document("_id", i).append("x", i % 7))
            .toList());
    jobs.createIndex(Indexes.ascending("x"));

    assertThat(ids(jobs.find().batchSize(7).sort(Sorts.ascending("_id"))))
        .containsExactlyElementsOf(IntStream.range(0, 1_000).boxed().toList());
    assertThat(ids(jobs.find(in("x", 1, 2, 3)))).hasSize(429).doesNotHaveDuplicates();
    assertThat(
            ids(
                jobs.find()
                    .sort(Sorts.orderBy(Sorts.ascending("nothing"), Sorts.descending("_id")))
                    .limit(300)))
        .startsWith(999, 998)
        .hasSize(300);
  }

  @Test
  void a_reader_beside_writers_sees_every_document_whole() throws Exception {
    jobs.createIndex(Indexes.ascending("kind"));
    jobs.insertMany(
        IntStream.range(0, 50)
            .mapToObj(i -> new Document("_id", i).append("kind", "k").append("a", 0).append("b", 0))
            .toList());

    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      Future<?> writer =
          threads.submit(
              () -> {
                for (int i = 0; i < 400; i++) {
                  jobs.updateOne(
                      eq("_id", i % 50), Updates.combine(Updates.inc("a", 1), Updates.inc("b", 1)));
                }
              });
      while (!writer.isDone()) {
        List<Document> seen = jobs.find(eq("kind", "k")).into(new ArrayList<>());
        assertThat(seen)
            .hasSize(50)
            .allSatisfy(job -> assertThat(job.get("a")).isEqualTo(job.get("b")));
      }
      writer.get();
    }
  }

  @Test
  void counting_and_deleting() {
    jobs.createIndex(Indexes.ascending("finalAt"));
    jobs.insertMany(
        IntStream.range(0, 1_200)
            .mapToObj(
                i ->
                    i % 2 == 0
                        ? new Document("_id", i)
                        : new Document("_id", i).append("finalAt", at(i)))
            .toList());

    assertThat(jobs.countDocuments(lt("finalAt", at(600)))).isEqualTo(300);
    assertThat(jobs.deleteMany(lt("finalAt", at(600))).getDeletedCount()).isEqualTo(300);
    assertThat(jobs.countDocuments()).isEqualTo(900);
    assertThat(jobs.estimatedDocumentCount()).isEqualTo(900);
    assertThat(jobs.deleteOne(eq("_id", 0)).getDeletedCount()).isEqualTo(1);
    assertThat(jobs.deleteMany(new Document()).getDeletedCount()).isEqualTo(899);
    assertThat(jobs.find().first()).isNull();
    assertThat(jobs.estimatedDocumentCount()).isZero();
  }

  @Test
  void an_aggregation_counts_by_state() {
    jobs.createIndex(Indexes.ascending("tenant", "state"));
    for (int i = 0; i < 9; i++) {
      jobs.insertOne(
          aJob("j" + i, i % 3 == 0 ? "READY" : "RUNNING").append("tenant", i == 8 ? "other" : "t"));
    }

    List<Document> counts =
        jobs.aggregate(
                List.of(
                    Aggregates.match(eq("tenant", "t")),
                    Aggregates.group("$state", Accumulators.sum("n", 1)),
                    Aggregates.sort(Sorts.ascending("_id"))))
            .into(new ArrayList<>());

    assertThat(counts)
        .containsExactly(
            new Document("_id", "READY").append("n", 3),
            new Document("_id", "RUNNING").append("n", 5));
  }

  @Test
  void an_aggregation_answers_more_than_fits_into_a_batch() {
    jobs.insertMany(
        IntStream.range(0, 350).mapToObj(i -> aJob("j%03d".formatted(i), "s" + i)).toList());
    List<Bson> pipeline =
        List.of(
            Aggregates.group("$_id", Accumulators.sum("n", 1)),
            Aggregates.sort(Sorts.ascending("_id")));
    List<String> all = IntStream.range(0, 350).mapToObj("j%03d"::formatted).toList();

    for (int size : List.of(0, 7, 349, 350)) {
      assertThat(
              jobs.aggregate(pipeline)
                  .batchSize(size)
                  .map(document -> document.getString("_id"))
                  .into(new ArrayList<>()))
          .as("in batches of %d", size)
          .containsExactlyElementsOf(all);
    }
  }

  @Test
  void distinct_values() {
    jobs.insertMany(List.of(aJob("a", "READY"), aJob("b", "HELD"), aJob("c", "READY")));

    assertThat(jobs.distinct("state", String.class).into(new ArrayList<>()))
        .containsExactlyInAnyOrder("HELD", "READY");
  }

  static Date at(long millis) {
    return Date.from(Instant.ofEpochMilli(millis));
  }

  static Document aJob(String id, String state) {
    return new Document("_id", id).append("state", state);
  }

  static List<Object> ids(FindIterable<Document> found) {
    return found
        .map(document -> Objects.requireNonNull(document.get("_id")))
        .into(new ArrayList<>());
  }
}
