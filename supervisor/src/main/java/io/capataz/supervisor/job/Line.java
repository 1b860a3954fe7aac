package io.capataz.supervisor.job;

import io.capataz.supervisor.task.Task.Target;

/**
 * The names of the lines in which READY jobs stand. A job's home line is its host's or its pool's;
 * one that has found no seat in a limit stands in that limit's line instead, out of everybody's
 * way.
 */
public final class Line {

  /** What the names of limits' lines begin with. */
  public static final String LIMITS = "limit:";

  private Line() {}

  /** The line from which a host's agent takes. */
  public static String ofHost(String host) {
    return "host:" + host;
  }

  /** The line from which every host of a pool takes. */
  public static String ofPool(String pool) {
    return "pool:" + pool;
  }

  public static String home(Target target) {
    return target.pool() != null ? ofPool(target.pool()) : ofHost(String.valueOf(target.host()));
  }

  public static String ofLimit(String key) {
    return LIMITS + key;
  }
}
