package io.capataz.standalone.backup;

import com.mongodb.MongoClientSettings;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Indexes;
import io.capataz.embedded.store.EmbeddedStore;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Random;
import org.bson.Document;

/** The store of a data folder, opened by a test. */
record OpenData(EmbeddedStore store, MongoClient client) implements AutoCloseable {

  private static final int BYTES = 2_000;

  static OpenData in(Path data) {
    EmbeddedStore store =
        EmbeddedStore.open(
            data.resolve("store"), EmbeddedStore.Durability.PROCESS_KILL, Clock.systemUTC());
    return new OpenData(store, store.client(MongoClientSettings.builder().build()));
  }

  /** Adds the jobs with these numbers, one acknowledged write each. */
  void addJobs(int from, int until) {
    MongoCollection<Document> jobs = collection();
    var _ = jobs.createIndex(Indexes.ascending("rev"));
    for (int n = from; n < until; n++) {
      byte[] noise = new byte[BYTES];
      new Random(n).nextBytes(noise);
      jobs.insertOne(new Document("_id", "job-" + n).append("rev", n).append("output", noise));
    }
  }

  /** How many there are; those with the smallest numbers. */
  int jobs() {
    int jobs = (int) collection().countDocuments();
    if (collection().countDocuments(Filters.lt("rev", jobs)) != jobs) {
      throw new AssertionError("Of the jobs some are missing before the last.");
    }
    return jobs;
  }

  String jobWithRevision(int revision) {
    return collection().find(Filters.eq("rev", revision)).first().getString("_id");
  }

  private MongoCollection<Document> collection() {
    return client.getDatabase("capataz").getCollection("jobs");
  }

  @Override
  public void close() {
    client.close();
    store.close();
  }
}
