package io.capataz.supervisor.task;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;
import static io.capataz.supervisor.runtime.MongoRetry.verified;

import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.AccessKey;
import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.AclUses;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.credential.CredentialUse;
import io.capataz.supervisor.credential.CredentialUsers;
import io.capataz.supervisor.host.HostUses;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.listing.Pages;
import io.capataz.supervisor.quota.Quota;
import io.capataz.supervisor.quota.StoredUsage;
import io.capataz.supervisor.runtime.Indexed;
import io.capataz.supervisor.runtime.ReadCache;
import io.capataz.supervisor.secretkey.SecretKeys;
import io.capataz.supervisor.task.Task.About;
import io.capataz.supervisor.task.Task.Revision;
import io.capataz.supervisor.task.Task.Start;
import io.capataz.supervisor.task.Task.Target;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.annotation.Id;
import org.springframework.data.core.TypedPropertyPath;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.FindAndReplaceOptions;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.stereotype.Repository;

/** All tasks. */
@Repository
public class Tasks implements Indexed, HostUses, CredentialUsers, AclUses, StoredUsage {

  static final TypedPropertyPath<Task, Instant> CREATED =
      TypedPropertyPath.of(Task::revision).then(Revision::created);
  static final TypedPropertyPath<Task, Instant> UPDATED =
      TypedPropertyPath.of(Task::revision).then(Revision::updated);
  private static final TypedPropertyPath<Task, Integer> VERSION =
      TypedPropertyPath.of(Task::revision).then(Revision::version);
  private static final TypedPropertyPath<Task, String> TARGET_HOST =
      TypedPropertyPath.of(Task::target).then(Target::host);
  private static final TypedPropertyPath<Task, String> TARGET_POOL =
      TypedPropertyPath.of(Task::target).then(Target::pool);

  private static final TypedPropertyPath<Task, List<String>> TRIGGERS =
      TypedPropertyPath.of(Task::start).then(Start::triggers);
  private static final TypedPropertyPath<Task, List<String>> EMITTERS =
      TypedPropertyPath.of(Task::start).then(Start::emitters);

  /** Fields of one kind of action only, {@link RunScript}; no path of {@link Task} leads there. */
  private static final String SCRIPT =
      TypedPropertyPath.of(Task::action).toDotPath()
          + "."
          + TypedPropertyPath.of(RunScript::script).toDotPath();

  private static final String CREDENTIAL =
      TypedPropertyPath.of(Task::action).toDotPath()
          + "."
          + TypedPropertyPath.ofMany(RunScript::credentials)
              .then(CredentialUse::credential)
              .toDotPath();

  /** As many as a message can list. */
  private static final int FEW = 10;

  private final MongoOperations mongo;
  private final TaskVersions versions;
  private final SecretKeys keys;
  private final TaskSecrets secrets;
  private final ReadCache<String, Task> recent = ReadCache.of(2_000);
  private final Listeners listeners = new Listeners(this::hasTriggers, this::hasTriggers);

  Tasks(MongoOperations mongo, TaskVersions versions, SecretKeys keys, TaskSecrets secrets) {
    this.secrets = secrets;
    this.mongo = mongo;
    this.versions = versions;
    this.keys = keys;
  }

  @Override
  public Class<?> indexedType() {
    return Task.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        new Index().on(Task::organization, Sort.Direction.ASC).on(Task::name, Sort.Direction.ASC),
        // The index for the users of a script.
        new Index().on(Task::organization, Sort.Direction.ASC).on(SCRIPT, Sort.Direction.ASC),
        // The index for what an event starts.
        new Index()
            .on(Task::organization, Sort.Direction.ASC)
            .on(EMITTERS, Sort.Direction.ASC)
            .on(Task::id, Sort.Direction.ASC),
        // The index for the users of a host, a pool or a credential.
        new Index().on(TARGET_HOST, Sort.Direction.ASC),
        new Index().on(TARGET_POOL, Sort.Direction.ASC),
        new Index().on(CREDENTIAL, Sort.Direction.ASC));
  }

  @Override
  public Set<Quota> quotas() {
    return Set.of(Quota.TASK_VERSIONS);
  }

  /** As much of a task as is counted: all its versions are kept, and they are counted from 1. */
  private record Counted(@Id String id, String organization, OnlyVersion revision) {
    private record OnlyVersion(int version) {}

    Stored stored() {
      return new Stored(id, organization, Map.of(Quota.TASK_VERSIONS, (long) revision.version()));
    }
  }

  @Override
  public List<Stored> after(@Nullable String id, int limit) {
    var query =
        Query.query(id == null ? new Criteria() : Criteria.where(Task::id).gt(id))
            .with(Sort.by(Task::id))
            .limit(limit);
    query.fields().include(Task::organization).include(VERSION.toDotPath());
    return mongo.find(query, Counted.class, mongo.getCollectionName(Task.class)).stream()
        .map(Counted::stored)
        .toList();
  }

  Task add(Task task) {
    var added =
        idempotent(
            () -> {
              try {
                mongo.insert(secrets.sealed(task));
                return task;
              } catch (DuplicateKeyException there) {
                return task;
              }
            });
    listeners.drop();
    return added;
  }

  /**
   * Changes a task and creates its next version. The old version is stored first, so that no change
   * loses its history.
   *
   * @param current as it was read
   * @param next the new content
   * @return the changed task; empty after a concurrent change
   */
  Optional<Task> change(Task current, Task next, Instant at, String by) {
    versions.keep(current);
    var changed = next.as(current.revision().next(at, by));
    var replaced =
        verified(
            () ->
                Optional.ofNullable(
                    mongo.findAndReplace(
                        Query.query(as(current)),
                        secrets.sealed(changed),
                        FindAndReplaceOptions.options().returnNew())),
            () -> find(current.organization(), current.id()).filter(changed::equals));
    recent.drop();
    listeners.drop();
    return replaced.map(_ -> changed);
  }

  /**
   * Removes a task, with its versions and keys.
   *
   * @param current as it was read
   * @return false after a concurrent change or removal
   */
  boolean remove(Task current) {
    var removed =
        verified(
            () -> Optional.ofNullable(mongo.findAndRemove(Query.query(as(current)), Task.class)),
            () ->
                find(current.organization(), current.id()).isPresent()
                    ? Optional.empty()
                    : Optional.of(current));
    recent.drop();
    listeners.drop();
    removed.ifPresent(
        task -> {
          keys.forget(task.keyTarget());
          versions.forget(task);
        });
    return removed.isPresent();
  }

  private static Criteria as(Task task) {
    return Criteria.where(Task::id)
        .is(task.id())
        .and(Task::organization)
        .is(task.organization())
        .and(VERSION)
        .is(task.version());
  }

  /** The task, if it is the organization's. */
  public Optional<Task> find(String organization, String id) {
    return Optional.ofNullable(
            mongo.findOne(
                Query.query(
                    Criteria.where(Task::id).is(id).and(Task::organization).is(organization)),
                Task.class))
        .map(secrets::opened);
  }

  /** The organization's task for a run, as it was at most {@link ReadCache#MAX_AGE} ago. */
  public Optional<Task> forRun(String organization, String id) {
    return recent(id).filter(task -> task.organization().equals(organization));
  }

  /** The task for a run, as it was at most {@link ReadCache#MAX_AGE} ago. */
  private Optional<Task> recent(String id) {
    return recent.get(
        id, () -> Optional.ofNullable(mongo.findById(id, Task.class)).map(secrets::opened));
  }

  /**
   * The organization's task, as it was at most {@link ReadCache#MAX_AGE} ago; for a run that a
   * feature permits by a rule of its own.
   */
  public Optional<Task> runnable(String organization, String id) {
    return recent(id).filter(task -> task.organization().equals(organization));
  }

  /**
   * The task, as it was at most {@link ReadCache#MAX_AGE} ago, if the member may see it; for a run.
   */
  public Optional<Task> runnable(Caller.Member member, String id) {
    return recent(id)
        .filter(task -> task.organization().equals(member.organization()))
        .filter(task -> member.isLent(task.id()) || task.acl().admits(member));
  }

  /** The tasks with that name that the member may see; at most {@code most}. */
  public List<Task> named(Caller.Member member, String name, int most) {
    var which = Acl.visibleTo(member).and("name").is(name);
    return mongo.find(Query.query(which).limit(most), Task.class).stream()
        .map(secrets::opened)
        .toList();
  }

  /** The task, if the member may see it. */
  public Optional<Task> visible(Caller.Member member, String id) {
    return find(member.organization(), id).filter(task -> task.acl().admits(member));
  }

  /**
   * The task for the secret key. A wrong task, a wrong organization and a wrong key look the same
   * and cost the same.
   */
  public Optional<Task> opened(String organization, String id, Secret key) {
    return opened(recent(id).filter(task -> task.organization().equals(organization)), key);
  }

  /** The task for the secret key, if only the task is named; see seed 004's note. */
  public Optional<Task> opened(String id, Secret key) {
    return opened(recent(id), key);
  }

  private Optional<Task> opened(Optional<Task> task, Secret key) {
    var shown = AccessKey.parse(key.reveal());
    return task.filter(t -> shown.filter(k -> keys.open(t.keyTarget(), k)).isPresent());
  }

  /** The tasks that use the script and that the member may see, by name. */
  List<Task> using(Caller.Member member, String script) {
    return mongo
        .find(
            Query.query(
                    Criteria.where(Task::organization)
                        .is(member.organization())
                        .and(SCRIPT)
                        .is(script))
                .with(Sort.by(Task::name)),
            Task.class)
        .stream()
        .filter(task -> task.acl().admits(member))
        .map(secrets::opened)
        .toList();
  }

  @Override
  public List<String> tasksOnHost(String organization, String host) {
    return namesWhere(TARGET_HOST.toDotPath(), host, organization);
  }

  @Override
  public List<String> tasksInPool(String organization, String pool) {
    return namesWhere(TARGET_POOL.toDotPath(), pool, organization);
  }

  @Override
  public List<String> tasksUsing(String organization, String credential) {
    return namesWhere(CREDENTIAL, credential, organization);
  }

  /** The names of the first few tasks with that value in the field. */
  private List<String> namesWhere(String field, String value, String organization) {
    return mongo
        .find(
            Query.query(Criteria.where(field).is(value).and(Task::organization).is(organization))
                .limit(FEW),
            Task.class)
        .stream()
        .map(Task::name)
        .sorted()
        .toList();
  }

  /** The stored fields for the filters of lists. */
  private static final Map<String, String> STORED =
      Map.of(
          "name", "name",
          "host_id", TARGET_HOST.toDotPath(),
          "pool", TARGET_POOL.toDotPath(),
          "script_id", SCRIPT,
          "tags", TypedPropertyPath.of(Task::about).then(About::tags).toDotPath(),
          "library", TypedPropertyPath.of(Task::about).then(About::library).toDotPath(),
          "triggers", TRIGGERS.toDotPath());

  /**
   * The tasks that match the request and that the member may see; several values are alternatives.
   */
  Listing.Page<Task> list(Caller.Member member, Listing<Task> asked) {
    var which = Acl.visibleTo(member);
    asked
        .filters()
        .forEach((name, values) -> which.and(String.valueOf(STORED.get(name))).in(values));
    var page = Pages.find(mongo, Task.class, which, asked, Task::id);
    return new Listing.Page<>(page.items().stream().map(secrets::opened).toList(), page.last());
  }

  /**
   * Whether some event of an emitter starts a task of the organization, as it was at most {@link
   * ReadCache#MAX_AGE} ago.
   *
   * @param emitter its id
   */
  public boolean hear(String organization, String emitter) {
    return listeners.hear(organization, emitter);
  }

  private boolean hasTriggers(String organization) {
    return exists(Criteria.where(Task::organization).is(organization).and(EMITTERS).gt(""));
  }

  private boolean hasTriggers(String organization, String emitter) {
    return exists(Criteria.where(Task::organization).is(organization).and(EMITTERS).is(emitter));
  }

  private boolean exists(Criteria which) {
    return idempotent(() -> mongo.exists(Query.query(which), Task.class));
  }

  /**
   * Some of the tasks that an event starts, by id.
   *
   * @param after the id of the one before; null: from the first
   */
  public List<TriggeredTask> startedBy(
      String organization, String event, @Nullable String after, int limit) {
    var which =
        Criteria.where(Task::organization)
            .is(organization)
            .and(EMITTERS)
            .in(EventId.emittersOf(List.of(event)))
            .and(TRIGGERS)
            .is(event);
    return pageOf(which, after, limit).stream()
        .map(task -> new TriggeredTask(task.id(), task.start().graceTime()))
        .toList();
  }

  /** Some of the tasks that the member may see, by id, after one of them. */
  public List<Task> visible(Caller.Member member, @Nullable String after, int limit) {
    return pageOf(Acl.visibleTo(member), after, limit).stream().map(secrets::opened).toList();
  }

  private List<Task> pageOf(Criteria which, @Nullable String after, int limit) {
    var query =
        Query.query(after == null ? which : which.and(Task::id).gt(after))
            .with(Sort.by(Task::id))
            .limit(limit);
    return idempotent(() -> mongo.find(query, Task.class));
  }

  @Override
  public boolean isInAcl(String organization, String entry) {
    return mongo.exists(Query.query(Acl.listing(organization, entry)), Task.class);
  }
}
