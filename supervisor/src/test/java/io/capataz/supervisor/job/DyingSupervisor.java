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
    return new Jobs(
        context.getBean(MongoOperations.class),
        context.getBean(CompareAndSet.class),
        context.getBean(JobQueries.class),
        new KnownJobs(),
        clock,
        context.getBean(FollowUps.class),
        event -> {});
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
