package io.capataz.supervisor.job;

import static io.capataz.supervisor.job.JobFields.CREATED;
import static io.capataz.supervisor.job.JobFields.ID;
import static io.capataz.supervisor.job.JobFields.OPEN_FOR;
import static io.capataz.supervisor.job.JobFields.ORGANIZATION;
import static io.capataz.supervisor.job.JobFields.ORIGIN_REFERENCE;
import static io.capataz.supervisor.job.JobFields.ORIGIN_STEP;
import static io.capataz.supervisor.job.JobFields.REV;
import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.supervisor.access.Acl;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Sort;
import org.springframework.data.domain.Sort.Direction;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;

/** The jobs of workflow runs, by the run that is the reference of their {@link Origin}. */
@Repository
public class RunJobs {

  private final MongoOperations mongo;

  RunJobs(MongoOperations mongo) {
    this.mongo = mongo;
  }

  /** What the end of the run has started refers to it too, and is no step of it. */
  private static Criteria steps(String run) {
    return Criteria.where(ORIGIN_REFERENCE).is(run).and(ORIGIN_STEP).exists(true);
  }

  /** Some of the jobs of a run, oldest first by their ids, after one of them. */
  public List<Job> of(String run, @Nullable String after, int limit) {
    var which = steps(run);
    if (after != null) {
      which.and(ID).gt(after);
    }
    return find(Query.query(which).with(Sort.by(ID)).limit(limit));
  }

  /** Those of these jobs that are there. */
  public List<Job> withIds(Collection<String> ids) {
    return find(Query.query(Criteria.where(ID).in(ids)));
  }

  /** The newest job of a step. */
  public Optional<Job> newestOf(String run, String step) {
    var which = Criteria.where(ORIGIN_REFERENCE).is(run).and(ORIGIN_STEP).is(step);
    return find(Query.query(which).with(Sort.by(Direction.DESC, CREATED, ID)).limit(1)).stream()
        .findFirst();
  }

  /** Some of the jobs after which the run goes on: they have not ended, or what follows is open. */
  public List<Job> openFor(String run, int limit) {
    return find(Query.query(Criteria.where(OPEN_FOR).is(run)).limit(limit));
  }

  /** How many jobs the run has, counted up to a limit. */
  public long count(String run, int limit) {
    var which = Query.query(steps(run)).limit(limit);
    return idempotent(() -> mongo.count(which, Job.class));
  }

  /** Lets others see the jobs of a run. */
  public void show(String organization, String run, Acl acl) {
    var which = steps(run).and(ORGANIZATION).is(organization);
    var _ =
        idempotent(
            () ->
                mongo.updateMulti(
                    Query.query(which), new Update().set("acl", acl).inc(REV, 1), Job.class));
  }

  private List<Job> find(Query query) {
    return idempotent(() -> mongo.find(query, Job.class));
  }
}
