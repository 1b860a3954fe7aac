package io.capataz.supervisor.library;

import static io.capataz.supervisor.runtime.MongoRetry.verified;

import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.listing.Pages;
import io.capataz.supervisor.runtime.Indexed;
import io.capataz.supervisor.runtime.ReadCache;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.FindAndReplaceOptions;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.stereotype.Repository;

/** All API tasks. */
@Repository
class ApiTasks implements Indexed {

  private final MongoOperations mongo;
  private final ReadCache<String, ApiTask> recent = ReadCache.of(2_000);

  ApiTasks(MongoOperations mongo) {
    this.mongo = mongo;
  }

  @Override
  public Class<?> indexedType() {
    return ApiTask.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        new Index()
            .on(ApiTask::organization, Sort.Direction.ASC)
            .on(ApiTask::library, Sort.Direction.ASC)
            .on(ApiTask::name, Sort.Direction.ASC));
  }

  /** The id of a task; a task that is removed and registered again has the same one. */
  static String idOf(String organization, String library, String name) {
    var key = "api-task\n" + organization + "\n" + library + "\n" + name;
    return UUID.nameUUIDFromBytes(key.getBytes(StandardCharsets.UTF_8)).toString();
  }

  Optional<ApiTask> find(String organization, String id) {
    return Optional.ofNullable(
        mongo.findOne(
            Query.query(
                Criteria.where(ApiTask::id).is(id).and(ApiTask::organization).is(organization)),
            ApiTask.class));
  }

  /** The task for a run, as it was at most {@link ReadCache#MAX_AGE} ago. */
  Optional<ApiTask> recent(String organization, String id) {
    return recent
        .get(id, () -> Optional.ofNullable(mongo.findById(id, ApiTask.class)))
        .filter(task -> task.organization().equals(organization));
  }

  /** Adds a task; false if it was added meanwhile. */
  boolean add(ApiTask task) {
    try {
      mongo.insert(task);
      return true;
    } catch (DuplicateKeyException there) {
      return find(task.organization(), task.id()).filter(task::equals).isPresent();
    }
  }

  /**
   * Stores a change.
   *
   * @param changed based on the task as it was read, one change further
   * @return false after a concurrent change
   */
  boolean change(ApiTask changed) {
    var asRead =
        Query.query(
            Criteria.where(ApiTask::id)
                .is(changed.id())
                .and(ApiTask::organization)
                .is(changed.organization())
                .and(ApiTask::rev)
                .is(changed.rev() - 1));
    var written =
        verified(
            () ->
                Optional.ofNullable(
                    mongo.findAndReplace(
                        asRead, changed, FindAndReplaceOptions.options().returnNew())),
            () -> find(changed.organization(), changed.id()).filter(changed::equals));
    recent.drop();
    return written.isPresent();
  }

  void remove(ApiTask task) {
    mongo.remove(
        Query.query(
            Criteria.where(ApiTask::id)
                .is(task.id())
                .and(ApiTask::organization)
                .is(task.organization())),
        ApiTask.class);
    recent.drop();
  }

  /** The API task that the task of that id runs: the one whose id begins with the same digits. */
  private static Criteria runBy(String task) {
    var begin = task.replaceFirst("^(.{8})(.{4})(.{4})(.{4})(.{4})$", "$1-$2-$3-$4-$5");
    return Criteria.where("_id").gte(begin).lt(begin + "g");
  }

  /** The tasks that match the request and of which the member may run a version. */
  Listing.Page<ApiTask> list(Caller.Member member, Listing<ApiTask> asked) {
    var which = Criteria.where("organization").is(member.organization());
    asked.filters().forEach((name, values) -> which.and(name).in(values));
    if (!member.passesAcls()) {
      which.orOperator(
          Criteria.where("versions.level").in(Level.O, Level.P),
          Criteria.where("versions.by").is(member.name()));
    }
    if (member instanceof Caller.Run run) {
      which.andOperator(
          new Criteria().orOperator(run.calls().stream().map(ApiTasks::runBy).toList()));
    }
    return Pages.find(mongo, ApiTask.class, which, asked, ApiTask::id);
  }
}
