package io.capataz.supervisor.job;

import io.capataz.supervisor.runtime.CompareAndSet;
import java.time.InstantSource;
import org.springframework.context.ApplicationContext;
import org.springframework.data.mongodb.core.MongoOperations;

/** For tests of crashes: moves whose consequences are left to the sweep of another supervisor. */
public final class DyingSupervisor {

  private DyingSupervisor() {}

  /** Jobs of a supervisor that dies right after each move: it publishes nothing. */
  public static Jobs jobs(ApplicationContext context, InstantSource clock) {
    var mongo = context.getBean(MongoOperations.class);
    var store = context.getBean(CompareAndSet.class);
    var known = new KnownJobs();
    var followUps = context.getBean(FollowUps.class);
    return new Jobs(
        mongo,
        store,
        context.getBean(JobQueries.class),
        known,
        clock,
        new JobMoves(mongo, store, known, clock, followUps, event -> {}));
  }

  /** Performs what follows from the moves of a job; what fails is left to a sweep. */
  public static void perform(ApplicationContext context, Job job) {
    context.getBean(FollowUps.class).perform(job);
  }

  /** What every supervisor does every few seconds. */
  public static void sweepFollowUps(ApplicationContext context) {
    context.getBean(FollowUps.class).sweep();
  }
}
