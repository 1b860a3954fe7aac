package io.capataz.supervisor.taskapi;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.callback.TaskObject;
import io.capataz.supervisor.job.BelongsToJob;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.runtime.Indexed;
import io.capataz.supervisor.taskapi.TaskRecord.Said;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.core.TypedPropertyPath;
import org.springframework.data.domain.Sort;
import org.springframework.data.domain.Sort.Direction;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;
import tools.jackson.databind.node.ObjectNode;

/** What clients of this API have said about their tasks. */
@Repository
class TaskRecords implements Indexed, BelongsToJob, TaskObject.TaskDetails {

  private static final TypedPropertyPath<TaskRecord, String> METADATA =
      TypedPropertyPath.of(TaskRecord::said).then(Said::metadata);
  private static final TypedPropertyPath<TaskRecord, List<String>> TAGS =
      TypedPropertyPath.of(TaskRecord::said).then(Said::tags);
  private static final TypedPropertyPath<TaskRecord, String> UNIQUE_ID =
      TypedPropertyPath.of(TaskRecord::said).then(Said::uniqueId);

  private final MongoOperations mongo;
  private final UniqueIds uniqueIds;
  private final InstantSource clock;

  TaskRecords(MongoOperations mongo, UniqueIds uniqueIds, InstantSource clock) {
    this.mongo = mongo;
    this.uniqueIds = uniqueIds;
    this.clock = clock;
  }

  @Override
  public Class<?> indexedType() {
    return TaskRecord.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        new Index()
            .on(TaskRecord::organization, Direction.ASC)
            .on(TaskRecord::test, Direction.ASC)
            .on(TaskRecord::id, Direction.DESC),
        new Index().on(UNIQUE_ID, Direction.ASC).sparse());
  }

  /** Stores it; one that is there already stays as it is. */
  void add(TaskRecord record) {
    var _ =
        idempotent(
            () -> {
              try {
                return mongo.insert(record);
              } catch (DuplicateKeyException there) {
                return record;
              }
            });
  }

  /** Forgets a task that could not be made. */
  void forget(TaskRecord record) {
    var uniqueId = record.said().uniqueId();
    if (uniqueId != null) {
      uniqueIds.release(record.organization(), record.test(), uniqueId, record.id());
    }
    var _ =
        idempotent(
            () ->
                mongo.remove(
                    Query.query(Criteria.where(TaskRecord::id).is(record.id())), TaskRecord.class));
  }

  Optional<TaskRecord> find(String job) {
    return idempotent(() -> Optional.ofNullable(mongo.findById(job, TaskRecord.class)));
  }

  void setMetadata(String job, ObjectNode metadata) {
    change(job, new Update().set(METADATA, metadata.toString()));
  }

  void setTags(String job, List<String> tags) {
    change(job, new Update().set(TAGS, tags));
  }

  void addTags(String job, List<String> tags) {
    change(job, new Update().addToSet(TAGS).each(tags.toArray()));
  }

  void removeTags(String job, List<String> tags) {
    change(job, new Update().pullAll(TAGS, tags.toArray()));
  }

  void setUniqueId(String job, @Nullable String uniqueId) {
    change(
        job,
        uniqueId == null ? new Update().unset(UNIQUE_ID) : new Update().set(UNIQUE_ID, uniqueId));
  }

  /** Notes that the job has ended; lists are filtered by that. */
  void ended(Job job) {
    change(
        job.id(),
        new Update()
            .set(TaskRecord::status, TaskObject.status(job.state()))
            .set(TaskRecord::completed, job.past().ended()));
  }

  private void change(String job, Update update) {
    var its = Query.query(Criteria.where(TaskRecord::id).is(job));
    update.set(TaskRecord::updated, clock.instant());
    var _ = idempotent(() -> mongo.updateFirst(its, update, TaskRecord.class));
  }

  /** How many match, and the newest of them, from a place on. */
  record Found(long total, List<TaskRecord> records) {}

  /** The records that match and that the member may see, newest first. */
  Found list(Caller.Member member, boolean test, TaskQuery asked) {
    var total = mongo.count(Query.query(matching(member, test, asked)), TaskRecord.class);
    var which = matching(member, test, asked);
    if (asked.after() != null) {
      which.and(TaskRecord::id).lt(asked.after());
    }
    var page =
        Query.query(which)
            .with(Sort.by(Direction.DESC, "id"))
            .skip(asked.offset())
            .limit(asked.limit() + 1);
    return new Found(total, mongo.find(page, TaskRecord.class));
  }

  private static Criteria matching(Caller.Member member, boolean test, TaskQuery asked) {
    return asked.narrow(Acl.visibleTo(member).and("test").is(test));
  }

  @Override
  public void addTo(Job job, ObjectNode task) {
    if (!TaskObject.isOurs(job)) {
      return;
    }
    find(job.id()).ifPresent(it -> add(it, task));
  }

  private static void add(TaskRecord record, ObjectNode task) {
    var said = record.said();
    put(task, "instruction", said.instruction());
    put(task, "urgency", said.urgency());
    put(task, "project", said.project());
    put(task, "batch", said.batch());
    put(task, "unique_id", said.uniqueId());
    task.set("metadata", MessageJson.mapper().readTree(said.metadata()));
    if (said.tags() != null) {
      var tags = task.putArray("tags");
      said.tags().forEach(tags::add);
    }
    if (record.updated().isAfter(record.created())
        && TaskObject.written(record.updated()).compareTo(task.path("updated_at").asString()) > 0) {
      task.put("updated_at", TaskObject.written(record.updated()));
    }
  }

  private static void put(ObjectNode task, String name, @Nullable String value) {
    if (value != null) {
      task.put(name, value);
    }
  }

  @Override
  public void removeFor(Job job) {
    if (TaskObject.isOurs(job)) {
      find(job.id()).ifPresent(this::forget);
    }
  }
}
