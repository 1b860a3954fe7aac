package io.capataz.supervisor.task;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.listing.Pages;
import io.capataz.supervisor.runtime.Indexed;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.stereotype.Repository;

/**
 * Earlier versions of tasks. A version is stored before its task is changed. If that change fails,
 * a copy of the current version remains, which is never shown.
 */
@Repository
class TaskVersions implements Indexed {

  private final MongoOperations mongo;
  private final TaskSecrets secrets;

  TaskVersions(MongoOperations mongo, TaskSecrets secrets) {
    this.mongo = mongo;
    this.secrets = secrets;
  }

  @Override
  public Class<?> indexedType() {
    return TaskVersion.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        new Index()
            .on(TaskVersion::task, Sort.Direction.ASC)
            .on(TaskVersion::number, Sort.Direction.DESC));
  }

  /** Stores the current version; the first of several writers wins. */
  void keep(Task task) {
    var _ = idempotent(() -> kept(TaskVersion.of(secrets.sealed(task))));
  }

  private TaskVersion kept(TaskVersion version) {
    try {
      return mongo.insert(version);
    } catch (DuplicateKeyException there) {
      return version;
    }
  }

  /** The task at that version; empty if it does not exist. */
  Optional<Task> find(Task current, int number) {
    if (number >= current.version()) {
      return number == current.version() ? Optional.of(current) : Optional.empty();
    }
    return Optional.ofNullable(
            mongo.findOne(
                Query.query(before(current).and(TaskVersion::id).is(current.id() + ":" + number)),
                TaskVersion.class))
        .map(TaskVersion::content)
        .map(secrets::opened);
  }

  /** The versions that match the request, including the current one. */
  Listing.Page<TaskVersion> list(Task current, Listing<TaskVersion> asked) {
    var page = Pages.find(mongo, TaskVersion.class, before(current), asked, TaskVersion::id);
    var items = new ArrayList<>(page.items());
    var last = page.last();
    if (asked.descending() && asked.after() == null) {
      items.addFirst(TaskVersion.of(current));
    } else if (!asked.descending() && last == null) {
      items.add(TaskVersion.of(current));
    }
    if (items.size() > asked.limit()) {
      items.removeLast();
      var end = items.getLast();
      last = new Listing.After(asked.order().valueOf(end), end.id());
    }
    return new Listing.Page<>(items, last);
  }

  /** Removes all versions of a deleted task. */
  void forget(Task task) {
    var _ =
        idempotent(
            () ->
                mongo.remove(
                    Query.query(
                        Criteria.where(TaskVersion::task)
                            .is(task.id())
                            .and(TaskVersion::organization)
                            .is(task.organization())),
                    TaskVersion.class));
  }

  private static Criteria before(Task current) {
    return Criteria.where(TaskVersion::task)
        .is(current.id())
        .and(TaskVersion::organization)
        .is(current.organization())
        .and(TaskVersion::number)
        .lt(current.version());
  }
}
