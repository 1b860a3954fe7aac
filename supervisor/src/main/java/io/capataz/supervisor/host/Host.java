package io.capataz.supervisor.host;

import io.capataz.common.protocol.HostFacts;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * A machine, identified by name, with its one agent.
 *
 * @param id the {@code host_id} of tasks
 * @param organization whose it is
 * @param name unique in the organization
 * @param created when it was enrolled
 * @param agent its agent's id; also the public part of the agent's credential
 * @param credentialHash the hash of that credential
 * @param epoch counts the agent's sessions; requests of an older session are rejected
 * @param bootId the host's boot in which the session was opened
 * @param slots how many jobs the agent runs at once
 * @param heard when the agent was last heard from
 * @param silent whether its silence has been noticed
 * @param listening whether the agent receives announcements, as it last reported
 * @param facts what the host reports about itself
 * @param labels missing, as the rest, in hosts of before there were such: those of both sides, as
 *     {@code name=value}; by them pools find their hosts
 * @param labelsByApi those that were set by people and programs; they count before the agent's
 * @param labelsByAgent those that its agent was started with
 * @param disabled whether it is granted no more jobs until it is enabled
 * @param draining the same, because somebody wants to have it empty
 */
@Document("hosts")
public record Host(
    @Id String id,
    String organization,
    String name,
    Instant created,
    String agent,
    String credentialHash,
    long epoch,
    @Nullable String bootId,
    int slots,
    @Nullable Instant heard,
    boolean silent,
    boolean listening,
    @Nullable HostFacts facts,
    List<String> labels,
    List<String> labelsByApi,
    List<String> labelsByAgent,
    Boolean disabled,
    Boolean draining) {

  public Host {
    labels = labels == null ? List.of() : List.copyOf(labels);
    labelsByApi = labelsByApi == null ? List.of() : List.copyOf(labelsByApi);
    labelsByAgent = labelsByAgent == null ? List.of() : List.copyOf(labelsByAgent);
    disabled = disabled != null && disabled;
    draining = draining != null && draining;
  }

  /** Whether its agent may be granted jobs. */
  public boolean takesJobs() {
    return !disabled && !draining;
  }

  /** Its labels by name. */
  Map<String, String> labelled() {
    return Labels.of(labels);
  }
}
