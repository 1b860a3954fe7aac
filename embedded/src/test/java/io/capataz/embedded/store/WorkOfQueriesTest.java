package io.capataz.embedded.store;

import static com.mongodb.client.model.Filters.and;
import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Filters.gt;
import static com.mongodb.client.model.Filters.gte;
import static com.mongodb.client.model.Filters.in;
import static com.mongodb.client.model.Filters.lt;
import static com.mongodb.client.model.Filters.lte;
import static com.mongodb.client.model.Filters.ne;
import static com.mongodb.client.model.Filters.nin;
import static com.mongodb.client.model.Filters.or;
import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Accumulators;
import com.mongodb.client.model.Aggregates;
import com.mongodb.client.model.FindOneAndUpdateOptions;
import com.mongodb.client.model.Indexes;
import com.mongodb.client.model.Sorts;
import com.mongodb.client.model.Updates;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The queries the product lives on read what they answer and not the collection. Counted, not
 * timed.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WorkOfQueriesTest {

  private static final int JOBS = 20_000;
  private static final int HOSTS = 10;
  private static final List<String> STATES = List.of("READY", "RUNNING", "SUCCEEDED", "FAILED");

  /** The order in which jobs are granted. */
  private static final Bson IN_LINE =
      Sorts.orderBy(Sorts.descending("priority"), Sorts.ascending("ready", "_id"));

  private OpenedStore opened;
  private MongoCollection<Document> jobs;

  @BeforeAll
  void manyJobs(@TempDir Path folder) {
    opened = OpenedStore.in(folder);
    jobs = opened.database().getCollection("jobs");
    jobs.createIndex(Indexes.ascending("host", "state", "created", "_id"));
    jobs.createIndex(Indexes.ascending("wake.at"));
    jobs.createIndex(
        Indexes.compoundIndex(Indexes.ascending("tenant"), Indexes.descending("created")));
    jobs.createIndex(Indexes.ascending("labels"));
    jobs.insertMany(IntStream.range(0, JOBS).mapToObj(WorkOfQueriesTest::job).toList());
  }

  private static Document job(int i) {
    Document job =
        new Document("_id", "j" + i)
            .append("tenant", "t" + i % 3)
            .append("host", "h" + i % HOSTS)
            .append("state", STATES.get(i / HOSTS % STATES.size()))
            .append("created", StoreContract.at(i))
            .append("labels", List.of("l" + i % 1_000, "any"));
    return i % 1_000 == 7 ? job.append("wake", new Document("at", StoreContract.at(i))) : job;
  }

  @AfterAll
  void close() {
    opened.close();
  }

  @Test
  void an_id_with_further_conditions_is_a_look_up() {
    assertThat(
            opened.entriesReadBy(
                () ->
                    jobs.find(and(eq("_id", "j77"), in("state", STATES), ne("tenant", "x")))
                        .first()))
        .isEqualTo(1);
    assertThat(
            opened.entriesReadBy(
                () -> jobs.find(and(eq("_id", "nobody"), eq("host", "h1"))).first()))
        .isZero();
    assertThat(
            opened.entriesReadBy(
                () -> jobs.find(in("_id", "j1", "j2", "nobody")).into(new ArrayList<>())))
        .isEqualTo(2);
  }

  @Test
  void a_compare_and_set_is_a_look_up() {
    assertThat(
            opened.entriesReadBy(
                () ->
                    jobs.findOneAndUpdate(
                        and(
                            eq("_id", "j500"),
                            in("state", "READY", "RUNNING", "FAILED", "SUCCEEDED")),
                        Updates.inc("rev", 1))))
        .isEqualTo(1);
    assertThat(
            opened.entriesReadBy(
                () -> jobs.updateOne(and(eq("_id", "j500"), eq("rev", -1)), Updates.inc("rev", 1))))
        .isEqualTo(1);
  }

  @Test
  void the_claim_query_reads_what_it_returns() {
    assertThat(
            opened.entriesReadBy(
                () ->
                    jobs.find(and(eq("host", "h3"), eq("state", "READY")))
                        .sort(Sorts.ascending("created", "_id"))
                        .limit(5)
                        .into(new ArrayList<>())))
        .isEqualTo(5);
    assertThat(
            opened.entriesReadBy(
                () ->
                    jobs.find(and(eq("host", "h3"), eq("state", "READY")))
                        .sort(Sorts.descending("created", "_id"))
                        .limit(5)
                        .into(new ArrayList<>())))
        .isEqualTo(5);
    assertThat(
            opened.entriesReadBy(
                () ->
                    jobs.findOneAndUpdate(
                        and(eq("host", "h4"), eq("state", "READY")),
                        Updates.set("seen", true),
                        new FindOneAndUpdateOptions().sort(Sorts.ascending("created", "_id")))))
        .isEqualTo(1);
  }

  @Test
  void who_is_next_in_some_lines_reads_what_it_returns() {
    MongoCollection<Document> waiting = waitingInLines();
    List<String> oneHost = List.of("host h3");
    List<String> hostAndPools = List.of("host h3", "host h5", "host h8", "nobody waits here");

    assertThat(opened.entriesReadBy(() -> next(waiting, oneHost, 5))).isEqualTo(5);
    assertThat(opened.entriesReadBy(() -> next(waiting, hostAndPools, 10)))
        .isLessThanOrEqualTo(10 + hostAndPools.size());
    assertThat(
            opened.entriesReadBy(
                () ->
                    waiting
                        .find(
                            and(
                                in("_id", "w3", "w13", "w14", "nobody"),
                                eq("state", "READY"),
                                in("line", hostAndPools)))
                        .sort(IN_LINE)
                        .into(new ArrayList<>())))
        .describedAs("jobs that are named are looked up, however many stand in the lines")
        .isLessThanOrEqualTo(4);
    assertThat(
            opened.entriesReadBy(
                () ->
                    waiting
                        .find(and(eq("state", "READY"), gt("line", "host h3"), lt("line", "i")))
                        .sort(Sorts.ascending("line"))
                        .limit(1)
                        .first()))
        .isEqualTo(1);
    assertThat(
            opened.entriesReadBy(
                () ->
                    waiting.countDocuments(
                        and(
                            eq("state", "READY"),
                            in("line", "host h3"),
                            eq("priority", 0),
                            lt("ready", StoreContract.at(100))))))
        .describedAs("who stands before one")
        .isLessThanOrEqualTo(10);
  }

  private static List<Document> next(
      MongoCollection<Document> waiting, List<String> lines, int limit) {
    return waiting
        .find(and(eq("state", "READY"), in("line", lines)))
        .sort(IN_LINE)
        .limit(limit)
        .into(new ArrayList<>());
  }

  /** Two in three wait, most of them with the usual priority; indexed as the product's jobs are. */
  private MongoCollection<Document> waitingInLines() {
    MongoCollection<Document> waiting = opened.database().getCollection("waiting");
    waiting.createIndex(
        Indexes.compoundIndex(
            Indexes.ascending("state", "line"),
            Indexes.descending("priority"),
            Indexes.ascending("ready", "_id")));
    waiting.insertMany(
        IntStream.range(0, JOBS)
            .mapToObj(
                i ->
                    new Document("_id", "w" + i)
                        .append("state", i % 3 == 0 ? "RUNNING" : "READY")
                        .append("line", "host h" + i % HOSTS)
                        .append("priority", i % 7 == 0 ? 5 : 0)
                        .append("ready", StoreContract.at(i)))
            .toList());
    return waiting;
  }

  @Test
  void several_states_in_one_order_read_one_entry_more_for_each() {
    assertThat(
            opened.entriesReadBy(
                () ->
                    jobs.find(and(in("host", "h1", "h2"), in("state", "READY", "FAILED")))
                        .sort(Sorts.ascending("created", "_id"))
                        .limit(10)
                        .into(new ArrayList<>())))
        .isLessThanOrEqualTo(10 + 4);
  }

  @Test
  void a_range_on_a_field_that_most_documents_lack_reads_the_others_only() {
    assertThat(
            opened.entriesReadBy(
                () -> jobs.find(lte("wake.at", StoreContract.at(5_000))).into(new ArrayList<>())))
        .isEqualTo(5);
    assertThat(
            opened.entriesReadBy(
                () -> jobs.countDocuments(lte("wake.at", StoreContract.at(5_000)))))
        .isEqualTo(5);
  }

  @Test
  void a_page_in_descending_order_reads_the_page() {
    assertThat(
            opened.entriesReadBy(
                () ->
                    jobs.find(eq("tenant", "t1"))
                        .sort(Sorts.descending("created"))
                        .limit(20)
                        .into(new ArrayList<>())))
        .isEqualTo(20);
    assertThat(
            opened.entriesReadBy(
                () -> jobs.find().sort(Sorts.descending("_id")).limit(3).into(new ArrayList<>())))
        .isEqualTo(3);
  }

  @Test
  void lists_of_jobs_read_their_page_whatever_else_there_is() {
    MongoCollection<Document> history = opened.database().getCollection("history");
    history.createIndex(
        Indexes.compoundIndex(Indexes.ascending("task"), Indexes.descending("created", "_id")));
    history.createIndex(
        Indexes.compoundIndex(
            Indexes.ascending("organization", "state"), Indexes.descending("created", "_id")));
    history.insertMany(
        IntStream.range(0, JOBS)
            .mapToObj(
                i ->
                    new Document("_id", "h" + i)
                        .append("organization", "o")
                        .append("task", "t" + i % 50)
                        .append("state", i % 5_000 == 1 ? "RUNNING" : "SUCCEEDED")
                        .append("created", StoreContract.at(i)))
            .toList());
    Bson newest = Sorts.descending("created", "_id");

    assertThat(
            opened.entriesReadBy(
                () ->
                    history
                        .find(and(eq("organization", "o"), in("state", "READY", "RUNNING")))
                        .sort(newest)
                        .limit(100)
                        .into(new ArrayList<>())))
        .describedAs("what has not ended, of all that has")
        .isEqualTo(4);
    assertThat(
            opened.entriesReadBy(
                () ->
                    history
                        .find(
                            and(
                                eq("organization", "o"),
                                eq("task", "t7"),
                                nin("state", "FAILED", "READY")))
                        .sort(newest)
                        .limit(100)
                        .into(new ArrayList<>())))
        .describedAs("a task's jobs; what is said of states does not lead to the other index")
        .isEqualTo(100);
    assertThat(
            opened.entriesReadBy(
                () ->
                    history
                        .find(
                            and(
                                lte("created", StoreContract.at(1_000)),
                                and(
                                    eq("organization", "o"),
                                    in("state", "FAILED", "RUNNING", "SUCCEEDED")),
                                or(
                                    lt("created", StoreContract.at(1_000)),
                                    and(
                                        eq("created", StoreContract.at(1_000)),
                                        lt("_id", "h1000")))))
                        .sort(newest)
                        .limit(10)
                        .into(new ArrayList<>())))
        .describedAs("a page further on costs no more than the first")
        .isLessThanOrEqualTo(10 + 3);
  }

  @Test
  void an_element_of_an_array_is_found_by_its_index() {
    assertThat(opened.entriesReadBy(() -> jobs.find(eq("labels", "l3")).into(new ArrayList<>())))
        .isEqualTo(JOBS / 1_000);
  }

  @Test
  void an_aggregation_reads_what_its_match_lets_through() {
    assertThat(
            opened.entriesReadBy(
                () ->
                    jobs.aggregate(
                            List.of(
                                Aggregates.match(and(eq("host", "h5"), eq("state", "FAILED"))),
                                Aggregates.match(lt("created", StoreContract.at(400))),
                                Aggregates.group("$tenant", Accumulators.sum("n", 1))))
                        .into(new ArrayList<>())))
        .isEqualTo(10);
  }

  @Test
  void changes_of_many_read_those_they_change() {
    MongoCollection<Document> old = opened.database().getCollection("old");
    old.createIndex(Indexes.ascending("at"));
    old.insertMany(
        IntStream.range(0, 2_000).mapToObj(i -> new Document("at", StoreContract.at(i))).toList());

    assertThat(
            opened.entriesReadBy(
                () -> old.updateMany(gte("at", StoreContract.at(1_990)), Updates.set("x", 1))))
        .isEqualTo(10);
    assertThat(opened.entriesReadBy(() -> old.deleteMany(lt("at", StoreContract.at(1_200)))))
        .isEqualTo(1_200);
    assertThat(old.countDocuments()).isEqualTo(800);
  }

  @Test
  void a_long_answer_is_read_batch_by_batch() {
    assertThat(
            opened.entriesReadBy(
                () -> {
                  try (var cursor = jobs.find().batchSize(50).iterator()) {
                    for (int i = 0; i < 75; i++) {
                      cursor.next();
                    }
                  }
                }))
        .isLessThanOrEqualTo(102);
  }
}
