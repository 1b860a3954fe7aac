package io.capataz.supervisor.run;

import static io.capataz.supervisor.job.JobFields.BYTES;
import static io.capataz.supervisor.job.JobFields.ID;
import static io.capataz.supervisor.job.JobFields.ORGANIZATION;
import static io.capataz.supervisor.job.JobFields.STATE;

import io.capataz.supervisor.job.BelongsToJob;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.JobMoved;
import io.capataz.supervisor.job.JobState;
import io.capataz.supervisor.quota.Quota;
import io.capataz.supervisor.quota.Quotas;
import io.capataz.supervisor.quota.StoredUsage;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.context.event.EventListener;
import org.springframework.data.annotation.Id;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.stereotype.Repository;

/** What jobs count for in the quotas of their organization. */
@Repository
class JobUsage implements StoredUsage, BelongsToJob {

  private final MongoOperations mongo;
  private final Quotas quotas;

  JobUsage(MongoOperations mongo, Quotas quotas) {
    this.mongo = mongo;
    this.quotas = quotas;
  }

  /**
   * Refuses jobs for which there is no room.
   *
   * @param count how many
   * @throws io.capataz.supervisor.web.ApiProblem 403, 429
   */
  void check(String organization, int count) {
    quotas.check(organization, Quota.JOBS, count);
    quotas.check(organization, Quota.JOB_MEGABYTES, 1);
    quotas.check(organization, Quota.WAITING_JOBS, count);
  }

  /** A job was made. */
  void made(Job job) {
    count(job, 1);
    quotas.changed(job.organization(), Quota.WAITING_JOBS, 1);
  }

  /**
   * A job is about to be removed. If a crash comes in between it is counted twice, until the next
   * count of what is stored.
   */
  @Override
  public void removeFor(Job job) {
    count(job, -1);
  }

  private void count(Job job, int by) {
    quotas.changed(job.organization(), Quota.JOBS, by);
    quotas.changed(job.organization(), Quota.JOB_MEGABYTES, by * job.past().bytes());
  }

  @EventListener
  void on(JobMoved moved) {
    var before = moved.move().from().stream().allMatch(JobState::waits) ? 1 : 0;
    var after = moved.move().to().waits() ? 1 : 0;
    quotas.changed(moved.job().organization(), Quota.WAITING_JOBS, after - before);
    var ending = moved.job().ending();
    if ((moved.move().endsAttempt() || moved.move().endsUnclaimed()) && ending != null) {
      quotas.changed(moved.job().organization(), Quota.JOB_MEGABYTES, ending.bytes());
    }
  }

  @Override
  public Set<Quota> quotas() {
    return Set.of(Quota.JOBS, Quota.WAITING_JOBS, Quota.JOB_MEGABYTES);
  }

  /** As much of a job as is counted. */
  private record Counted(@Id String id, String organization, JobState state, Past past) {
    record Past(long bytes) {}

    Stored stored() {
      return new Stored(
          id,
          organization,
          Map.of(
              Quota.JOBS,
              1L,
              Quota.WAITING_JOBS,
              state.waits() ? 1L : 0L,
              Quota.JOB_MEGABYTES,
              past.bytes()));
    }
  }

  @Override
  public List<Stored> after(@Nullable String id, int limit) {
    var query =
        Query.query(id == null ? new Criteria() : Criteria.where(ID).gt(id))
            .with(Sort.by(ID))
            .limit(limit);
    query.fields().include(ORGANIZATION, STATE, BYTES);
    return mongo.find(query, Counted.class, mongo.getCollectionName(Job.class)).stream()
        .map(Counted::stored)
        .toList();
  }
}
