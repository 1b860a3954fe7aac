package io.capataz.supervisor.workflowrun;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.job.OpenRuns;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.listing.Pages;
import io.capataz.supervisor.runtime.Indexed;
import io.capataz.supervisor.workflow.WorkflowUses;
import io.capataz.supervisor.workflowrun.WorkflowRun.Course;
import io.capataz.supervisor.workflowrun.WorkflowRun.Mark;
import io.capataz.supervisor.workflowrun.WorkflowRun.Parent;
import io.capataz.supervisor.workflowrun.WorkflowRun.Refused;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.annotation.Id;
import org.springframework.data.core.TypedPropertyPath;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.FindAndModifyOptions;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;

/** All runs of workflows. */
@Repository
class WorkflowRuns implements Indexed, WorkflowUses, OpenRuns {

  /** Until when the fast way has started a run; after that a sweep does. */
  static final Duration FAST_WAY = Duration.ofSeconds(5);

  /** As many as a filter can name. */
  private static final int MOST_OPEN = 50_000;

  /** How often a sweep looks at an open run. */
  private static final Duration LOOK = Duration.ofMinutes(1);

  private static final TypedPropertyPath<WorkflowRun, Instant> CHECK_AT =
      TypedPropertyPath.of(WorkflowRun::course).then(Course::checkAt);
  private static final TypedPropertyPath<WorkflowRun, Instant> CLOSED =
      TypedPropertyPath.of(WorkflowRun::course).then(Course::closed);
  private static final TypedPropertyPath<WorkflowRun, Instant> DEADLINE =
      TypedPropertyPath.of(WorkflowRun::course).then(Course::deadline);
  private static final TypedPropertyPath<WorkflowRun, Boolean> STARTED =
      TypedPropertyPath.of(WorkflowRun::course).then(Course::started);
  private static final TypedPropertyPath<WorkflowRun, Mark> CANCEL =
      TypedPropertyPath.of(WorkflowRun::course).then(Course::cancel);
  private static final TypedPropertyPath<WorkflowRun, List<Refused>> REFUSED =
      TypedPropertyPath.of(WorkflowRun::course).then(Course::refused);
  private static final TypedPropertyPath<WorkflowRun, String> PARENT =
      TypedPropertyPath.of(WorkflowRun::parent).then(Parent::run);

  private static final FindAndModifyOptions NEW = FindAndModifyOptions.options().returnNew(true);

  private final MongoOperations mongo;
  private final InstantSource clock;

  WorkflowRuns(MongoOperations mongo, InstantSource clock) {
    this.mongo = mongo;
    this.clock = clock;
  }

  @Override
  public Class<?> indexedType() {
    return WorkflowRun.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        new Index()
            .on(WorkflowRun::workflow, Sort.Direction.ASC)
            .on(WorkflowRun::id, Sort.Direction.DESC),
        new Index().on(PARENT, Sort.Direction.ASC).sparse(),
        new Index().on(CHECK_AT, Sort.Direction.ASC).sparse());
  }

  /** Stores a run; one that is there already stays as it is. */
  WorkflowRun add(WorkflowRun run) {
    return idempotent(
        () -> {
          try {
            return mongo.insert(run);
          } catch (DuplicateKeyException there) {
            return find(run.id()).orElseThrow(() -> there);
          }
        });
  }

  Optional<WorkflowRun> find(String id) {
    return idempotent(() -> Optional.ofNullable(mongo.findById(id, WorkflowRun.class)));
  }

  /** The run of the workflow, if the member may see it. */
  Optional<WorkflowRun> visible(Caller.Member member, String workflow, String id) {
    return find(id)
        .filter(run -> run.organization().equals(member.organization()))
        .filter(run -> run.workflow().equals(workflow))
        .filter(run -> run.acl().admits(member));
  }

  Listing.Page<WorkflowRun> list(
      Caller.Member member, String workflow, Listing<WorkflowRun> asked) {
    var which = Acl.visibleTo(member).and("workflow").is(workflow);
    return Pages.find(mongo, WorkflowRun.class, which, asked, WorkflowRun::id);
  }

  /**
   * Its first jobs are made.
   *
   * @param isOpen whether there are any after which it goes on
   */
  void started(WorkflowRun run, boolean isOpen) {
    var started = new Update().set(STARTED, true);
    change(
        run.id(),
        isOpen ? later(started, run.course().deadline()) : started.set(CHECK_AT, clock.instant()));
  }

  private Update later(Update update, @Nullable Instant deadline) {
    var look = clock.instant().plus(LOOK);
    return update.set(CHECK_AT, deadline != null && deadline.isBefore(look) ? deadline : look);
  }

  /** A sweep has looked at it, and it goes on. */
  void lookLater(WorkflowRun run) {
    var past = run.course().cancel() != null;
    changeOpen(run.id(), later(new Update(), past ? null : run.course().deadline()));
  }

  /** Marks that a run is to end; the first mark stays. Empty if it is closed or gone. */
  Optional<WorkflowRun> cancel(String run, String by, boolean timedOut) {
    var now = clock.instant();
    var unmarked =
        Query.query(
            Criteria.where(WorkflowRun::id).is(run).and(CLOSED).isNull().and(CANCEL).isNull());
    var mark = new Update().set(CANCEL, new Mark(now, by, timedOut)).set(CHECK_AT, now);
    return idempotent(
            () -> Optional.ofNullable(mongo.findAndModify(unmarked, mark, NEW, WorkflowRun.class)))
        .or(() -> find(run).filter(it -> !it.isClosed()));
  }

  /** Whether it is to end. */
  boolean isCanceled(String run) {
    var marked = Query.query(Criteria.where(WorkflowRun::id).is(run).and(CANCEL).exists(true));
    return idempotent(() -> mongo.exists(marked, WorkflowRun.class));
  }

  /** Notes a step for which no job could be made, once. */
  void refuse(String run, Refused refused) {
    var unknown =
        Query.query(
            Criteria.where(WorkflowRun::id)
                .is(run)
                .and(REFUSED.toDotPath() + ".unit")
                .ne(refused.unit()));
    var _ =
        idempotent(
            () ->
                mongo.updateFirst(unknown, new Update().push(REFUSED, refused), WorkflowRun.class));
  }

  /** Nothing is left to follow from its jobs; whether it was open. */
  boolean close(String run) {
    var open = Query.query(Criteria.where(WorkflowRun::id).is(run).and(CLOSED).isNull());
    var closed = new Update().set(CLOSED, clock.instant()).unset(CHECK_AT);
    return idempotent(() -> mongo.updateFirst(open, closed, WorkflowRun.class)).getModifiedCount()
        > 0;
  }

  /** Opens a closed run once more, for other attempts of some of its steps; empty if it is open. */
  Optional<WorkflowRun> reopen(WorkflowRun run, @Nullable Instant deadline, List<Refused> kept) {
    var closed =
        Query.query(
            Criteria.where(WorkflowRun::id).is(run.id()).and(CLOSED).is(run.course().closed()));
    var open = later(new Update().unset(CLOSED).unset(CANCEL).set(REFUSED, kept), null);
    if (deadline == null) {
      open.unset(DEADLINE);
    } else {
      open.set(DEADLINE, deadline);
    }
    return idempotent(
        () -> Optional.ofNullable(mongo.findAndModify(closed, open, NEW, WorkflowRun.class)));
  }

  /** Shows a run to others. */
  void show(String run, Acl acl) {
    change(run, new Update().set("acl", acl));
  }

  /** The runs that are steps of a run, oldest first. */
  List<WorkflowRun> childrenOf(String run) {
    return idempotent(
        () ->
            mongo.find(
                Query.query(Criteria.where(PARENT).is(run)).with(Sort.by(WorkflowRun::id)),
                WorkflowRun.class));
  }

  /** Whether one of the runs that are steps of a run is open. */
  boolean hasOpenChild(String run) {
    var open = Query.query(Criteria.where(PARENT).is(run).and(CLOSED).isNull());
    return idempotent(() -> mongo.exists(open, WorkflowRun.class));
  }

  /** Runs at which a sweep has to look. */
  List<WorkflowRun> due(int limit) {
    return mongo.find(
        Query.query(Criteria.where(CHECK_AT).lte(clock.instant()))
            .with(Sort.by(CHECK_AT))
            .limit(limit),
        WorkflowRun.class);
  }

  /** Some of a workflow's runs that are open, newest first. */
  List<WorkflowRun> openOf(String workflow, int limit) {
    var open = Criteria.where(WorkflowRun::workflow).is(workflow).and(CLOSED).isNull();
    return idempotent(
        () ->
            mongo.find(
                Query.query(open).with(Sort.by(Sort.Direction.DESC, "id")).limit(limit),
                WorkflowRun.class));
  }

  /** Of each open run its id alone. */
  private record Known(@Id String id) {}

  /** With the runs that are steps of open ones: what came of these is still read. */
  @Override
  public List<String> openRuns() {
    var open = new LinkedHashSet<String>();
    var more = ids(Criteria.where(CHECK_AT).exists(true));
    while (!more.isEmpty()) {
      more = more.stream().filter(open::add).toList();
      more = more.isEmpty() ? more : ids(Criteria.where(PARENT).in(more));
    }
    return List.copyOf(open);
  }

  private List<String> ids(Criteria which) {
    var query = Query.query(which).limit(MOST_OPEN);
    query.fields().include("_id");
    return mongo.find(query, Known.class, mongo.getCollectionName(WorkflowRun.class)).stream()
        .map(Known::id)
        .toList();
  }

  /** Those of these runs that are closed or gone. */
  List<String> closed(List<String> runs) {
    var open =
        mongo
            .find(
                Query.query(Criteria.where(WorkflowRun::id).in(runs).and(CLOSED).isNull()),
                WorkflowRun.class)
            .stream()
            .map(WorkflowRun::id)
            .toList();
    return runs.stream().filter(run -> !open.contains(run)).toList();
  }

  void remove(String run) {
    var _ =
        idempotent(
            () ->
                mongo.remove(
                    Query.query(Criteria.where(WorkflowRun::id).is(run)), WorkflowRun.class));
  }

  @Override
  public boolean isUsed(String workflow) {
    return mongo.exists(
        Query.query(Criteria.where(WorkflowRun::workflow).is(workflow)), WorkflowRun.class);
  }

  private void change(String run, Update update) {
    var which = Query.query(Criteria.where(WorkflowRun::id).is(run));
    var _ = idempotent(() -> mongo.updateFirst(which, update, WorkflowRun.class));
  }

  private void changeOpen(String run, Update update) {
    var which = Query.query(Criteria.where(WorkflowRun::id).is(run).and(CLOSED).isNull());
    var _ = idempotent(() -> mongo.updateFirst(which, update, WorkflowRun.class));
  }
}
