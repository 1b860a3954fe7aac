package io.capataz.common.protocol;

/**
 * A Kafka record: "job {@code job} waits for host {@code host}". It carries no script, no secret
 * and no permission; losing, repeating or forging one costs a little time and nothing else.
 *
 * @param v the record's version, 1
 * @param host the host's id; many hosts share a partition, each passes over the others' records
 * @param job the job's id
 * @param seq how often this job has been announced, from 1
 */
public record Announcement(int v, String host, String job, long seq) {
  public static final int VERSION = 1;
}
