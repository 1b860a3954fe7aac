package io.capataz.supervisor.job;

import static io.capataz.supervisor.job.JobFields.ANNOUNCED;
import static io.capataz.supervisor.job.JobFields.ANNOUNCE_AT;
import static io.capataz.supervisor.job.JobFields.ANNOUNCE_SEQ;
import static io.capataz.supervisor.job.JobFields.DUE;
import static io.capataz.supervisor.job.JobFields.EFFECTS;
import static io.capataz.supervisor.job.JobFields.EFFECTS_DUE;
import static io.capataz.supervisor.job.JobFields.ID;
import static io.capataz.supervisor.job.JobFields.OPEN_FOR;
import static io.capataz.supervisor.job.JobFields.REV;
import static io.capataz.supervisor.job.JobFields.SILENT_SINCE;
import static io.capataz.supervisor.job.JobFields.START_BY;
import static io.capataz.supervisor.job.JobFields.STATE;
import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.supervisor.job.Job.Announced;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.bson.Document;
import org.springframework.data.core.TypedPropertyPath;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.BulkOperations;
import org.springframework.data.mongodb.core.BulkOperations.BulkMode;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;

/**
 * Overdue work recorded in job documents: unsent announcements, pending effects, jobs that are due
 * or expired. Every supervisor looks for it, and any of them may do it.
 */
@Repository
public class OverdueJobs {

  private final MongoOperations mongo;
  private final InstantSource clock;

  OverdueJobs(MongoOperations mongo, InstantSource clock) {
    this.mongo = mongo;
    this.clock = clock;
  }

  /** Jobs whose announcement is overdue. */
  public List<Job> unannounced(int limit) {
    return overdue(ANNOUNCE_AT, clock.instant(), limit);
  }

  /** Jobs whose effects are overdue. */
  List<Job> withEffects(int limit) {
    return overdue(EFFECTS_DUE, clock.instant(), limit);
  }

  /** Scheduled jobs whose time has come. */
  public List<Job> due(int limit) {
    return mongo.find(
        overdue(Criteria.where(DUE).lte(clock.instant()).and(STATE).is(JobState.SCHEDULED), DUE)
            .limit(limit),
        Job.class);
  }

  /** Jobs that were not claimed in time. */
  public List<Job> expired(int limit) {
    return overdue(START_BY, clock.instant(), limit);
  }

  /** Jobs that have been silent since before an instant, longest first. */
  public List<Job> silentSinceBefore(Instant instant, int limit) {
    return overdue(SILENT_SINCE, instant, limit);
  }

  private List<Job> overdue(TypedPropertyPath<Job, Instant> field, Instant by, int limit) {
    return mongo.find(overdue(Criteria.where(field).lte(by), field).limit(limit), Job.class);
  }

  private static Query overdue(Criteria which, TypedPropertyPath<Job, Instant> order) {
    return Query.query(which).with(Sort.by(order));
  }

  /**
   * An announcement that the broker has.
   *
   * @param seq its number; a newer one stays to be made
   */
  public record Acknowledged(String job, long seq, Announced where) {}

  /**
   * Notes announcements that the broker has, with one command. A job that was granted meanwhile
   * needs no note: the grant has taken its mark off.
   */
  public void announced(List<Acknowledged> those) {
    var _ = idempotent(() -> notesOf(those).execute());
  }

  private BulkOperations notesOf(List<Acknowledged> those) {
    var notes = mongo.bulkOps(BulkMode.UNORDERED, Job.class);
    for (var it : those) {
      notes.updateOne(
          Query.query(
              Criteria.where(ID)
                  .is(it.job())
                  .and(ANNOUNCE_SEQ)
                  .is(it.seq())
                  .and(ANNOUNCE_AT)
                  .exists(true)),
          new Update().unset(ANNOUNCE_AT).set(ANNOUNCED, it.where()).inc(REV, 1));
    }
    return notes;
  }

  /** Takes the mark off a job that no longer waits; a newer mark stays. */
  public void nothingToAnnounce(String job, long seq) {
    change(Criteria.where(ID).is(job).and(ANNOUNCE_SEQ).is(seq), new Update().unset(ANNOUNCE_AT));
  }

  /** Puts an announcement off, because the broker did not take it or it is being tried just now. */
  public void announceLater(String job, long seq, Instant at) {
    change(
        Criteria.where(ID).is(job).and(ANNOUNCE_SEQ).is(seq).and(ANNOUNCE_AT).exists(true),
        new Update().set(ANNOUNCE_AT, at));
  }

  /** Has a waiting job announced once more: somebody who did not take jobs takes them now. */
  public void announceAgain(String job) {
    change(
        Criteria.where(ID).is(job).and(STATE).is(JobState.READY),
        new Update().set(ANNOUNCE_AT, clock.instant()).inc(ANNOUNCE_SEQ, 1));
  }

  /** Puts the effects of a job off, because one could not be performed. */
  void effectsLater(String job, Duration pause) {
    change(
        Criteria.where(ID).is(job).and(EFFECTS_DUE).exists(true),
        new Update().set(EFFECTS_DUE, clock.instant().plus(pause)));
  }

  /**
   * Takes an effect out that was done; more than one supervisor may have done it. For the only
   * effect that is one update.
   *
   * @param job as it was when the effect was performed
   */
  void effectDone(Job job, String effect) {
    var held = Criteria.where(EFFECTS.toDotPath() + "._id").is(effect);
    var only = held.and(ID).is(job.id()).and(EFFECTS).size(1);
    var last = none(job).set(EFFECTS, List.of()).inc(REV, 1);
    if (!isChanged(only, last)) {
      change(
          Criteria.where(ID).is(job.id()),
          new Update().pull(EFFECTS, new Document("_id", effect)).inc(REV, 1));
      change(Criteria.where(ID).is(job.id()).and(EFFECTS).size(0), none(job));
    }
  }

  /** The last effect is done; with those of its end, nothing waits for the job any more. */
  private static Update none(Job job) {
    var none = new Update().unset(EFFECTS_DUE);
    return job.state().isFinal() ? none.unset(OPEN_FOR) : none;
  }

  private boolean isChanged(Criteria which, Update update) {
    return idempotent(() -> mongo.updateFirst(Query.query(which), update, Job.class))
            .getMatchedCount()
        > 0;
  }

  private void change(Criteria which, Update update) {
    var _ = idempotent(() -> mongo.updateFirst(Query.query(which), update, Job.class));
  }
}
