package io.capataz.supervisor.workflow;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;
import static io.capataz.supervisor.runtime.MongoRetry.verified;

import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.AccessKey;
import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.AclUses;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.listing.Pages;
import io.capataz.supervisor.runtime.Indexed;
import io.capataz.supervisor.runtime.ReadCache;
import io.capataz.supervisor.secretkey.SecretKeys;
import io.capataz.supervisor.task.EventId;
import io.capataz.supervisor.task.Listeners;
import io.capataz.supervisor.workflow.Workflow.Start;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.core.TypedPropertyPath;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.FindAndReplaceOptions;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** All workflows, with the versions by which runs go on. */
@Repository
public class Workflows implements Indexed, AclUses {

  private static final TypedPropertyPath<Workflow, List<String>> TRIGGERS =
      TypedPropertyPath.of(Workflow::start).then(Start::triggers);
  private static final TypedPropertyPath<Workflow, List<String>> EMITTERS =
      TypedPropertyPath.of(Workflow::start).then(Start::emitters);

  private final MongoOperations mongo;
  private final SecretKeys keys;
  private final ObjectProvider<WorkflowUses> uses;
  private final InstantSource clock;
  private final ReadCache<String, Workflow> recent = ReadCache.of(1_000);
  private final Listeners listeners = new Listeners(this::hasTriggers, this::hasTriggers);
  private final Plans plans = new Plans();

  Workflows(
      MongoOperations mongo,
      SecretKeys keys,
      ObjectProvider<WorkflowUses> uses,
      InstantSource clock) {
    this.mongo = mongo;
    this.keys = keys;
    this.uses = uses;
    this.clock = clock;
  }

  @Override
  public Class<?> indexedType() {
    return Workflow.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        new Index()
            .on(Workflow::organization, Sort.Direction.ASC)
            .on(Workflow::name, Sort.Direction.ASC),
        // The index for what an event starts.
        new Index()
            .on(Workflow::organization, Sort.Direction.ASC)
            .on(EMITTERS, Sort.Direction.ASC)
            .on(Workflow::id, Sort.Direction.ASC));
  }

  /**
   * Checks the graph of a workflow.
   *
   * @throws io.capataz.supervisor.web.ApiProblem 400, naming the nodes that are wrong
   */
  public void check(ObjectNode definition) {
    var _ = WorkflowFields.checked(definition);
  }

  /**
   * Stores a new workflow, with a first secret key.
   *
   * @throws io.capataz.supervisor.web.ApiProblem 400 if its graph cannot be run
   */
  public Workflow add(Caller.Member caller, String name, Acl acl, ObjectNode definition) {
    return add(caller, name, acl, definition, List.of());
  }

  Workflow add(
      Caller.Member caller, String name, Acl acl, ObjectNode definition, List<String> triggers) {
    var _ = WorkflowFields.checked(definition);
    var now = clock.instant();
    var workflow =
        new Workflow(
            ObjectId.get().toHexString(),
            caller.organization(),
            name,
            acl,
            definition,
            Start.of(triggers),
            1,
            now,
            now);
    var _ = keys.issue(workflow.keyTarget());
    var added = idempotent(() -> inserted(workflow));
    listeners.drop();
    return added;
  }

  private Workflow inserted(Workflow workflow) {
    try {
      return mongo.insert(workflow);
    } catch (DuplicateKeyException there) {
      return workflow;
    }
  }

  /**
   * Changes a workflow; the version before is kept first, because its runs go on by it.
   *
   * @return empty after a concurrent change
   */
  Optional<Workflow> change(Workflow current, Workflow next) {
    keep(current);
    var replaced =
        verified(
            () ->
                Optional.ofNullable(
                    mongo.findAndReplace(
                        as(current), next, FindAndReplaceOptions.options().returnNew())),
            () ->
                Optional.ofNullable(mongo.findById(current.id(), Workflow.class))
                    .filter(next::equals));
    recent.drop();
    listeners.drop();
    return replaced;
  }

  /** Shows a workflow to others. */
  void show(Workflow workflow, Acl acl) {
    var _ =
        idempotent(
            () ->
                mongo.updateFirst(
                    Query.query(Criteria.where(Workflow::id).is(workflow.id())),
                    new Update().set("acl", acl),
                    Workflow.class));
    recent.drop();
    listeners.drop();
  }

  private void keep(Workflow workflow) {
    var version = WorkflowVersion.of(workflow);
    var _ =
        idempotent(
            () -> {
              try {
                return mongo.insert(version);
              } catch (DuplicateKeyException there) {
                return version;
              }
            });
  }

  private static Query as(Workflow workflow) {
    return Query.query(
        Criteria.where(Workflow::id)
            .is(workflow.id())
            .and(Workflow::organization)
            .is(workflow.organization())
            .and(Workflow::version)
            .is(workflow.version()));
  }

  /** The workflow, if the member may see it. */
  public Optional<Workflow> visible(Caller.Member member, String id) {
    return find(member.organization(), id).filter(workflow -> workflow.acl().admits(member));
  }

  /** The workflow, if it is the organization's. */
  public Optional<Workflow> find(String organization, String id) {
    return Optional.ofNullable(mongo.findById(id, Workflow.class))
        .filter(workflow -> workflow.organization().equals(organization));
  }

  /** The organization's workflow, as it was at most {@link ReadCache#MAX_AGE} ago. */
  public Optional<Workflow> forRun(String organization, String id) {
    return recent(id).filter(workflow -> workflow.organization().equals(organization));
  }

  private Optional<Workflow> recent(String id) {
    return recent.get(id, () -> Optional.ofNullable(mongo.findById(id, Workflow.class)));
  }

  /**
   * The workflow for the secret key. A wrong workflow and a wrong key look the same and cost the
   * same.
   */
  public Optional<Workflow> opened(String id, Secret key) {
    var shown = AccessKey.parse(key.reveal());
    return recent(id)
        .filter(workflow -> shown.filter(k -> keys.open(workflow.keyTarget(), k)).isPresent());
  }

  /** A version of a workflow, as it is run; empty if nobody knows it any more. */
  public Optional<Plan> plan(String organization, String workflow, int version) {
    return plans.get(
        WorkflowVersion.id(workflow, version),
        () ->
            forRun(organization, workflow)
                .filter(current -> current.version() == version)
                .map(Workflow::definition)
                .or(() -> kept(organization, WorkflowVersion.id(workflow, version))));
  }

  private Optional<JsonNode> kept(String organization, String id) {
    return Optional.ofNullable(mongo.findById(id, WorkflowVersion.class))
        .filter(version -> version.organization().equals(organization))
        .map(WorkflowVersion::definition);
  }

  /** The workflows that match the request and that the member may see. */
  Listing.Page<Workflow> list(Caller.Member member, Listing<Workflow> asked) {
    var which = Acl.visibleTo(member);
    asked.filters().forEach((name, values) -> which.and(name).in(values));
    return Pages.find(mongo, Workflow.class, which, asked, Workflow::id);
  }

  /** Removes the workflow; its runs go on. Returns whether it existed. */
  boolean remove(Caller.Member member, String id) {
    var found = find(member.organization(), id);
    found.ifPresent(
        workflow -> {
          keep(workflow);
          var _ = mongo.remove(as(workflow), Workflow.class);
          recent.drop();
          listeners.drop();
          keys.forget(workflow.keyTarget());
          if (uses.stream().noneMatch(use -> use.isUsed(id))) {
            forget(id);
          }
        });
    return found.isPresent();
  }

  /** Removes the versions of a workflow, unless it is there. */
  public void forget(String workflow) {
    if (mongo.findById(workflow, Workflow.class) == null) {
      var versions = Query.query(Criteria.where(WorkflowVersion::workflow).is(workflow));
      var _ = idempotent(() -> mongo.remove(versions, WorkflowVersion.class));
    }
  }

  /**
   * Whether some event of an emitter starts a workflow of the organization, as it was at most
   * {@link ReadCache#MAX_AGE} ago.
   *
   * @param emitter its id
   */
  public boolean hear(String organization, String emitter) {
    return listeners.hear(organization, emitter);
  }

  private boolean hasTriggers(String organization) {
    return exists(Criteria.where(Workflow::organization).is(organization).and(EMITTERS).gt(""));
  }

  private boolean hasTriggers(String organization, String emitter) {
    return exists(
        Criteria.where(Workflow::organization).is(organization).and(EMITTERS).is(emitter));
  }

  private boolean exists(Criteria which) {
    return idempotent(() -> mongo.exists(Query.query(which), Workflow.class));
  }

  /**
   * The ids of some of the workflows that an event starts, in order.
   *
   * @param after the id of the one before; null: from the first
   */
  public List<String> startedBy(
      String organization, String event, @Nullable String after, int limit) {
    var which =
        Criteria.where(Workflow::organization)
            .is(organization)
            .and(EMITTERS)
            .in(EventId.emittersOf(List.of(event)))
            .and(TRIGGERS)
            .is(event);
    return pageOf(which, after, limit).stream().map(Workflow::id).toList();
  }

  /** Some of the workflows that the member may see, by id, after one of them. */
  public List<Workflow> visible(Caller.Member member, @Nullable String after, int limit) {
    return pageOf(Acl.visibleTo(member), after, limit);
  }

  private List<Workflow> pageOf(Criteria which, @Nullable String after, int limit) {
    var query =
        Query.query(after == null ? which : which.and(Workflow::id).gt(after))
            .with(Sort.by(Workflow::id))
            .limit(limit);
    return idempotent(() -> mongo.find(query, Workflow.class));
  }

  @Override
  public boolean isInAcl(String organization, String entry) {
    return mongo.exists(Query.query(Acl.listing(organization, entry)), Workflow.class);
  }
}
