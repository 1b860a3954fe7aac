package io.capataz.supervisor.task;

import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.AccessKey;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.host.HostUses;
import io.capataz.supervisor.runtime.Indexed;
import io.capataz.supervisor.runtime.Pages;
import io.capataz.supervisor.web.Listing;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.stereotype.Repository;

/** All tasks. */
@Repository
public class Tasks implements Indexed, HostUses {

  /** As many as a message can name. */
  private static final int FEW = 10;

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
        new Index().on("organization", Sort.Direction.ASC).on("name", Sort.Direction.ASC),
        // Who uses a script.
        new Index().on("organization", Sort.Direction.ASC).on("script", Sort.Direction.ASC),
        // Whom a host or a pool is needed by.
        new Index().on("target.host", Sort.Direction.ASC),
        new Index().on("target.pool", Sort.Direction.ASC));
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

  /** The task, if the member may see it. */
  public Optional<Task> visible(Caller.Member member, String id) {
    return find(member.organization(), id).filter(task -> task.acl().admits(member));
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

  /** The tasks that name the script and that the member may see, by name. */
  List<Task> using(Caller.Member member, String script) {
    return mongo
        .find(
            Query.query(
                    Criteria.where("organization")
                        .is(member.organization())
                        .and("script")
                        .is(script))
                .with(Sort.by("name")),
            Task.class)
        .stream()
        .filter(task -> task.acl().admits(member))
        .toList();
  }

  @Override
  public List<String> tasksOnHost(String organization, String host) {
    return namesWhere("target.host", host, organization);
  }

  @Override
  public List<String> tasksInPool(String organization, String pool) {
    return namesWhere("target.pool", pool, organization);
  }

  /** The names of the first few tasks that have the value there. */
  private List<String> namesWhere(String field, String value, String organization) {
    return mongo
        .find(
            Query.query(Criteria.where(field).is(value).and("organization").is(organization))
                .limit(FEW),
            Task.class)
        .stream()
        .map(Task::name)
        .sorted()
        .toList();
  }

  /** Where the fields by which lists may be filtered stand in a stored task. */
  private static final Map<String, String> STORED =
      Map.of(
          "name", "name",
          "host_id", "target.host",
          "pool", "target.pool",
          "script_id", "script",
          "tags", "tags");

  /** The tasks that were asked for and the member may see; of several values any will do. */
  Listing.Page<Task> list(Caller.Member member, Listing<Task> asked) {
    var which = Criteria.where("organization").is(member.organization());
    if (!member.passesAcls()) {
      which.and("acl.entries").in(member.marks());
    }
    asked
        .filters()
        .forEach((name, values) -> which.and(String.valueOf(STORED.get(name))).in(values));
    return Pages.find(mongo, Task.class, which, asked, Task::id);
  }
}
