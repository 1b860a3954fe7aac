package io.capataz.common.protocol;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /agent/v1/session}: one life of an agent process begins. Each opening raises the
 * agent's epoch; whoever speaks for an older epoch gets 410 and must end.
 *
 * @param protocol the newest protocol version this agent speaks, {@link ProtocolVersion#CURRENT}
 * @param bootId changes with every boot of the host
 * @param slots how many jobs it runs at once
 * @param facts what the host is
 * @param running what it still runs from an earlier life; whatever it held and does not name is
 *     lost
 * @param claims those of an earlier life of which it did not start all it was granted, or never saw
 *     the answer; it will ask again, so that attempts under them are not lost
 * @param lost attempts under these claims that were started all the same, and of which it knows
 *     nothing more
 * @param labels by which pools may find the host, as {@code zone} and {@code a}; missing from older
 *     agents
 * @param host the name under which the agent was started; refused if its host has another. Null
 *     from older agents
 * @param folder identifies the agent's data folder during one boot of the host; a copy has another.
 *     A session from another folder or boot is refused while the current one lives. Null from older
 *     agents
 */
public record SessionOpening(
    int protocol,
    String bootId,
    int slots,
    HostFacts facts,
    List<RunningAttempt> running,
    List<String> claims,
    List<AttemptId> lost,
    Map<String, String> labels,
    @Nullable String host,
    @Nullable String folder) {
  public SessionOpening {
    requireNonNull(bootId);
    requireNonNull(facts);
    running = List.copyOf(running);
    claims = List.copyOf(claims);
    lost = List.copyOf(lost);
    labels = Map.copyOf(labels);
  }

  /**
   * The answer.
   *
   * @param epoch to be named in every later call of this session
   * @param heartbeat how often to call {@code heartbeat}, at the most
   * @param sync how often to call {@code sync}
   * @param announcements where to listen; null when the supervisor has no broker, and {@code sync}
   *     is all there is
   * @param pools where the host's pools are announced; empty when it is in none, or there is no
   *     broker
   * @param forget attempts named as running that are no longer this agent's: stop, never report
   */
  public record Answer(
      long epoch,
      Duration heartbeat,
      Duration sync,
      @Nullable AnnouncementSource announcements,
      List<PoolSource> pools,
      List<AttemptId> forget) {
    public Answer {
      pools = List.copyOf(pools);
      forget = List.copyOf(forget);
    }
  }

  /**
   * Where a host's announcements are read, with {@code assign} from the end and without a group.
   *
   * @param bootstrapServers Kafka's {@code bootstrap.servers}
   * @param topic the topic
   * @param partition the one partition on which this host is announced to
   * @param access how to authenticate to the broker; null: it needs no authentication
   */
  public record AnnouncementSource(
      String bootstrapServers,
      String topic,
      int partition,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable BrokerAccess access) {

    /** On a broker without authentication. */
    public AnnouncementSource(String bootstrapServers, String topic, int partition) {
      this(bootstrapServers, topic, partition, null);
    }
  }

  /**
   * Where a pool's announcements are read, as a member of a share group (KIP-932): each record goes
   * to one member, and is acknowledged once the claim it led to is decided.
   *
   * @param pool the pool's id
   * @param bootstrapServers Kafka's {@code bootstrap.servers}
   * @param topic the topic, the pool's own
   * @param group the share group
   * @param access how to authenticate to the broker; null: it needs no authentication
   */
  public record PoolSource(
      String pool,
      String bootstrapServers,
      String topic,
      String group,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable BrokerAccess access) {

    /** On a broker without authentication. */
    public PoolSource(String pool, String bootstrapServers, String topic, String group) {
      this(pool, bootstrapServers, topic, group, null);
    }
  }
}
