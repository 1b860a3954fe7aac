package io.capataz.supervisor.job;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.supervisor.job.Job.Announced;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.bson.Document;
import org.springframework.data.domain.Sort;
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
    return overdue("outbox.at", clock.instant(), limit);
  }

  /** Jobs whose effects are overdue. */
  List<Job> withEffects(int limit) {
    return overdue("effectsDue", clock.instant(), limit);
  }

  /** Scheduled jobs whose time has come. */
  public List<Job> due(int limit) {
    return mongo.find(
        overdue(
                Criteria.where("due").lte(clock.instant()).and("state").is(JobState.SCHEDULED),
                "due")
            .limit(limit),
        Job.class);
  }

  /** Jobs that were not claimed in time. */
  public List<Job> expired(int limit) {
    return overdue("startBy", clock.instant(), limit);
  }

  /** Jobs that have been silent since before an instant, longest first. */
  public List<Job> silentSinceBefore(Instant instant, int limit) {
    return overdue("silentSince", instant, limit);
  }

  private List<Job> overdue(String field, Instant by, int limit) {
    return mongo.find(overdue(Criteria.where(field).lte(by), field).limit(limit), Job.class);
  }

  private static Query overdue(Criteria which, String order) {
    return Query.query(which).with(Sort.by(order));
  }

  /** Notes that the broker has an announcement; a newer one stays to be made. */
  public void announced(String job, long seq, Announced where) {
    change(
        Criteria.where("_id").is(job).and("outbox.seq").is(seq),
        new Update().unset("outbox.at").set("announced", where).inc("rev", 1));
  }

  /** Takes the mark off a job that no longer waits; a newer mark stays. */
  public void nothingToAnnounce(String job, long seq) {
    change(
        Criteria.where("_id").is(job).and("outbox.seq").is(seq), new Update().unset("outbox.at"));
  }

  /** Puts an announcement off, because the broker did not take it or it is being tried just now. */
  public void announceLater(String job, long seq, Instant at) {
    change(
        Criteria.where("_id").is(job).and("outbox.seq").is(seq).and("outbox.at").exists(true),
        new Update().set("outbox.at", at));
  }

  /** Puts the effects of a job off, because one could not be performed. */
  void effectsLater(String job, Duration pause) {
    change(
        Criteria.where("_id").is(job).and("effectsDue").exists(true),
        new Update().set("effectsDue", clock.instant().plus(pause)));
  }

  /** Takes an effect out that was done; more than one supervisor may have done it. */
  void effectDone(String job, String effect) {
    change(
        Criteria.where("_id").is(job),
        new Update().pull("effects", new Document("_id", effect)).inc("rev", 1));
    change(Criteria.where("_id").is(job).and("effects").size(0), new Update().unset("effectsDue"));
  }

  private void change(Criteria which, Update update) {
    var _ = idempotent(() -> mongo.updateFirst(Query.query(which), update, Job.class));
  }
}
