package io.capataz.supervisor.job;

import io.capataz.supervisor.task.Task.Target;

/**
 * The names of the queues in which READY jobs wait. The home queue of a job is that of its host or
 * pool. A job that is blocked by a limit waits in the queue of that limit instead, so that it holds
 * up nobody else.
 */
public final class QueueName {

  /** The queue of the jobs that supervisors do themselves. */
  public static final String SUPERVISORS = "supervisors";

  /** The prefix of the queues of limits. */
  public static final String LIMITS = "limit:";

  private QueueName() {}

  /** The queue of one host. */
  public static String ofHost(String host) {
    return "host:" + host;
  }

  /** The queue that the hosts of a pool share. */
  public static String ofPool(String pool) {
    return "pool:" + pool;
  }

  public static String home(Target target) {
    return target.pool() != null
        ? ofPool(target.pool())
        : target.host() != null ? ofHost(target.host()) : SUPERVISORS;
  }

  public static String ofLimit(String key) {
    return LIMITS + key;
  }
}
