package io.capataz.supervisor.taskapi;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import java.util.Optional;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.mapping.Document;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.stereotype.Repository;

/** Which task has which {@code unique_id}. It is bound before the task is made. */
@Repository
class UniqueIds {

  private final MongoOperations mongo;

  UniqueIds(MongoOperations mongo) {
    this.mongo = mongo;
  }

  /**
   * An id that is in use.
   *
   * @param id the organization, whether it is for tests, and the client's id
   */
  @Document("task_api_unique_ids")
  record Bound(@Id String id, String job) {}

  private static String key(String organization, boolean test, String uniqueId) {
    return organization + (test ? "\ntest\n" : "\nlive\n") + uniqueId;
  }

  /** Binds it to a task; the task that has it, which may be another. */
  String bind(String organization, boolean test, String uniqueId, String job) {
    var bound = new Bound(key(organization, test, uniqueId), job);
    return idempotent(
        () -> {
          try {
            return mongo.insert(bound).job();
          } catch (DuplicateKeyException used) {
            return Optional.ofNullable(mongo.findById(bound.id(), Bound.class))
                .map(Bound::job)
                .orElse(job);
          }
        });
  }

  /** Gives it up, if it is that task's. */
  void release(String organization, boolean test, String uniqueId, String job) {
    var its =
        Query.query(
            Criteria.where(Bound::id)
                .is(key(organization, test, uniqueId))
                .and(Bound::job)
                .is(job));
    var _ = idempotent(() -> mongo.remove(its, Bound.class));
  }
}
