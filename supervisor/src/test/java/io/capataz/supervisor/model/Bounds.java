package io.capataz.supervisor.model;

import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/**
 * How large a world is, and what may go wrong in it how often.
 *
 * @param name for people
 * @param jobs 1 or 2, all of one task
 * @param permits how many of them may run at once; 0 for no limit
 * @param maxAttempts the task's {@code max_attempts}
 * @param retryLost whether its {@code on_lost} is {@code retry}
 * @param hosts which hosts there are
 * @param slots how many attempts an agent holds at once, 1 or 2
 * @param details what else is modelled
 * @param mishaps how often each may happen
 */
record Bounds(
    String name,
    int jobs,
    int permits,
    int maxAttempts,
    boolean retryLost,
    Hosts hosts,
    int slots,
    Set<Detail> details,
    Map<Mishap, Integer> mishaps) {

  /** How often an attempt may be given back; five in the product. */
  static final int MOST_GIVEN_BACK = 2;

  Bounds {
    details = Set.copyOf(details);
    mishaps = Map.copyOf(mishaps);
  }

  /** Which hosts there are. */
  enum Hosts {
    /** One host; a second process of its agent may be started. */
    ONE,
    /** Two hosts in one pool, for which all jobs are. */
    POOL,
    /** Two hosts; each job is for the host of its number. */
    OWN
  }

  /** What is modelled only where it is asked about, because it multiplies the worlds. */
  enum Detail {
    /** Marks, records and sync; without, an agent knows by itself that something waits for it. */
    ANNOUNCEMENTS,
    /** That a script runs is reported; without, these reports are all lost, which harms nobody. */
    STARTS,
    /**
     * An agent writes down its claims and what it has begun, and names them when it is started
     * anew; without, all it knew is gone.
     */
    NOTES
  }

  /** What does not happen by itself when all is well. */
  enum Mishap {
    /** A supervisor dies between two steps. */
    CRASH,
    /** A call, an announcement, or an answer of the store is lost. */
    LOSS,
    /** A call or an announcement arrives once more. */
    DUPLICATE,
    /** Two supervisors care for one thing at once: a sweep finds what another is still about. */
    HASTE,
    /** An agent's process dies. */
    RESTART,
    /** A second process of the same agent begins while the first lives. */
    SECOND_PROCESS,
    /** An agent is not heard of for too long, or is believed not to be. */
    SILENCE,
    /** A script fails. */
    FAILURE,
    /** An agent cannot begin. */
    GIVE_BACK,
    /** A person calls a job off. */
    CANCEL,
    /** A person ends one by force. */
    FORCE;

    static final Mishap[] ALL = values();
  }

  static Bounds of(int jobs, int permits, int maxAttempts, Hosts hosts) {
    return new Bounds("", jobs, permits, maxAttempts, false, hosts, 1, Set.of(), Map.of())
        .slots(hosts == Hosts.ONE ? jobs : 1);
  }

  @Override
  public String toString() {
    return name;
  }

  Bounds named(String name) {
    return new Bounds(name, jobs, permits, maxAttempts, retryLost, hosts, slots, details, mishaps);
  }

  Bounds retryingLost() {
    return new Bounds(name, jobs, permits, maxAttempts, true, hosts, slots, details, mishaps);
  }

  Bounds slots(int slots) {
    return new Bounds(name, jobs, permits, maxAttempts, retryLost, hosts, slots, details, mishaps);
  }

  Bounds with(Mishap mishap, int times) {
    var more = new EnumMap<Mishap, Integer>(Mishap.class);
    more.putAll(mishaps);
    more.put(mishap, times);
    return new Bounds(name, jobs, permits, maxAttempts, retryLost, hosts, slots, details, more);
  }

  Bounds with(Detail... more) {
    return new Bounds(
        name, jobs, permits, maxAttempts, retryLost, hosts, slots, Set.of(more), mishaps);
  }

  boolean has(Detail detail) {
    return details.contains(detail);
  }

  boolean isLimited() {
    return permits > 0;
  }

  int hostOf(int agent) {
    return hosts == Hosts.ONE ? 0 : agent;
  }

  /** Whether a job's home queue is one that the agent may take from. */
  boolean isFor(int job, int agent) {
    return hosts != Hosts.OWN || job == agent;
  }

  int most(Mishap mishap) {
    return mishaps.getOrDefault(mishap, 0);
  }
}
