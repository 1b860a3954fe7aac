package io.capataz.common.protocol;

import org.jspecify.annotations.Nullable;

/**
 * A Kafka record: something waits for a host or a pool. It carries no script, no secret and no
 * permission; losing, repeating or forging one costs a little time and nothing else.
 *
 * @param v the record's version, {@link #VERSION}
 * @param kind what to do about it
 * @param host the host's id; many hosts share a partition, each passes over the others' records.
 *     Null on a pool's own topic
 * @param pool the pool's id; null for what is meant for one host
 * @param job the job's id; null for {@link Kind#LOOK}
 * @param seq how often this job has been announced, from 1; 0 for {@link Kind#LOOK}
 */
public record Announcement(
    int v,
    Kind kind,
    @Nullable String host,
    @Nullable String pool,
    @Nullable String job,
    long seq) {

  public static final int VERSION = 1;

  /** What an agent does about an announcement. */
  public enum Kind {
    /** Claim: the job waits. */
    WORK,
    /** Send a heartbeat now: its answer has something to say, as that a script is to be stopped. */
    LOOK
  }

  /** The job waits for the host. */
  public static Announcement forHost(String host, String job, long seq) {
    return new Announcement(VERSION, Kind.WORK, host, null, job, seq);
  }

  /** The job waits for any host of the pool. */
  public static Announcement forPool(String pool, String job, long seq) {
    return new Announcement(VERSION, Kind.WORK, null, pool, job, seq);
  }

  /** The host's next heartbeat should come now. */
  public static Announcement look(String host) {
    return new Announcement(VERSION, Kind.LOOK, host, null, null, 0);
  }
}
