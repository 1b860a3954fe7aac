package io.capataz.supervisor.task;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.springframework.data.annotation.Id;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.stereotype.Repository;

/** Earlier versions of tasks, for those who decide which are kept. */
@Repository
public class OldTaskVersions {

  private static final int PAGE = 100;

  private final MongoOperations mongo;

  OldTaskVersions(MongoOperations mongo) {
    this.mongo = mongo;
  }

  /** A version without its content. */
  private record Numbered(@Id String id, String task, int number) {}

  /** The next task, by its id, that has earlier versions. */
  public Optional<String> taskAfter(String task) {
    var next = Query.query(Criteria.where(TaskVersion::task).gt(task)).with(Sort.by("task"));
    return find(next.limit(1)).stream().map(Numbered::task).findFirst();
  }

  /** The number of the oldest among the newest so many; empty: there are not more than that. */
  public Optional<Integer> oldestOfNewest(String task, int kept) {
    return find(newestFirst(Criteria.where(TaskVersion::task).is(task)).skip(kept - 1L).limit(1))
        .stream()
        .map(Numbered::number)
        .findFirst();
  }

  /** Some of those before this one, newest first. */
  public List<Integer> before(String task, int number) {
    var older = Criteria.where(TaskVersion::task).is(task).and(TaskVersion::number).lt(number);
    return find(newestFirst(older).limit(PAGE)).stream().map(Numbered::number).toList();
  }

  /** Removes these. */
  public void remove(String task, Collection<Integer> numbers) {
    var ids = numbers.stream().map(number -> task + ":" + number).toList();
    var _ =
        idempotent(
            () ->
                mongo.remove(
                    Query.query(Criteria.where(TaskVersion::id).in(ids)), TaskVersion.class));
  }

  private List<Numbered> find(Query query) {
    query.fields().include(TaskVersion::task, TaskVersion::number);
    return idempotent(
        () -> mongo.find(query, Numbered.class, mongo.getCollectionName(TaskVersion.class)));
  }

  private static Query newestFirst(Criteria which) {
    return Query.query(which).with(Sort.by(Sort.Direction.DESC, "number"));
  }
}
