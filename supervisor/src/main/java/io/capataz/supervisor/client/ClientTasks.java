package io.capataz.supervisor.client;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.supervisor.job.BelongsToJob;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.runtime.Indexed;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.stereotype.Repository;

/** All tasks that clients have started. */
@Repository
class ClientTasks implements Indexed, BelongsToJob {

  private final MongoOperations mongo;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();

  ClientTasks(MongoOperations mongo, InstantSource clock) {
    this.mongo = mongo;
    this.clock = clock;
  }

  @Override
  public Class<?> indexedType() {
    return ClientTask.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        new Index()
            .on(ClientTask::scope, Sort.Direction.ASC)
            .on(ClientTask::created, Sort.Direction.DESC),
        new Index().on(ClientTask::job, Sort.Direction.ASC));
  }

  /** Gives a job a short id. */
  ClientTask add(Job job, String scope) {
    while (true) {
      var bytes = new byte[4];
      random.nextBytes(bytes);
      var taskId = HexFormat.of().formatHex(bytes);
      var task =
          new ClientTask(
              ClientTask.idOf(scope, taskId),
              job.organization(),
              scope,
              taskId,
              job.id(),
              job.spec().taskName(),
              clock.instant());
      try {
        return mongo.insert(task);
      } catch (DuplicateKeyException taken) {
        // Another one of eight digits.
      }
    }
  }

  Optional<ClientTask> find(String scope, String taskId) {
    return idempotent(
        () ->
            Optional.ofNullable(mongo.findById(ClientTask.idOf(scope, taskId), ClientTask.class)));
  }

  /** The newest ones. */
  List<ClientTask> newest(String scope, int most) {
    return idempotent(
        () ->
            mongo.find(
                Query.query(Criteria.where(ClientTask::scope).is(scope))
                    .with(Sort.by(Sort.Direction.DESC, "created"))
                    .limit(most),
                ClientTask.class));
  }

  @Override
  public void removeFor(Job job) {
    var _ =
        idempotent(
            () ->
                mongo.remove(
                    Query.query(Criteria.where(ClientTask::job).is(job.id())), ClientTask.class));
  }
}
