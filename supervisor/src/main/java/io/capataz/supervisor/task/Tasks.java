package io.capataz.supervisor.task;

import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.AccessKey;
import io.capataz.supervisor.runtime.Indexed;
import java.util.List;
import java.util.Optional;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.stereotype.Repository;

/** All tasks. */
@Repository
public class Tasks implements Indexed {

  private final MongoOperations mongo;

  Tasks(MongoOperations mongo) {
    this.mongo = mongo;
  }

  @Override
  public Class<?> indexedType() {
    return Task.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        new Index().on("organization", Sort.Direction.ASC).on("name", Sort.Direction.ASC));
  }

  Task add(Task task) {
    return mongo.insert(task);
  }

  /** The task, if it is the organization's. */
  public Optional<Task> find(String organization, String id) {
    return Optional.ofNullable(
        mongo.findOne(
            Query.query(Criteria.where("_id").is(id).and("organization").is(organization)),
            Task.class));
  }

  /**
   * The task that the secret key opens. A wrong task, a wrong organization and a wrong key all look
   * the same, and cost the same.
   */
  public Optional<Task> opened(String organization, String id, Secret key) {
    var shown = AccessKey.parse(key.reveal());
    var task = find(organization, id);
    return shown.flatMap(k -> task.filter(t -> t.opensWith(k)));
  }

  /** The task that the secret key opens, where only the task is named; see seed 004's note. */
  public Optional<Task> opened(String id, Secret key) {
    var shown = AccessKey.parse(key.reveal());
    var task = Optional.ofNullable(mongo.findById(id, Task.class));
    return shown.flatMap(k -> task.filter(t -> t.opensWith(k)));
  }

  /** The organization's tasks, by name, at most {@code limit}. */
  List<Task> in(String organization, int limit) {
    return mongo.find(
        Query.query(Criteria.where("organization").is(organization))
            .with(Sort.by("organization", "name"))
            .limit(limit),
        Task.class);
  }
}
