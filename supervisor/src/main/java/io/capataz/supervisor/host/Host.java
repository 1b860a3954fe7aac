package io.capataz.supervisor.host;

import io.capataz.common.protocol.HostFacts;
import io.capataz.common.protocol.SessionOpening;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
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
 * @param credential its agent's
 * @param session its agent's current session, or the last one
 * @param contact when the agent was last heard of
 * @param labels by which pools find it
 * @param mode whether it takes jobs
 */
@Document("hosts")
public record Host(
    @Id String id,
    String organization,
    String name,
    Instant created,
    Credential credential,
    Session session,
    Contact contact,
    HostLabels labels,
    Mode mode) {

  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9])?");

  /** Whether a host may be named so. */
  static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  /**
   * The agent's credential.
   *
   * @param agent the agent's id; also the public part of the credential
   * @param hash the hash of its secret part
   */
  public record Credential(String agent, String hash) {}

  /**
   * A session of the agent.
   *
   * @param epoch counts the sessions; requests of an older one are rejected
   * @param bootId the host's boot in which it was opened; null: there was none yet
   * @param folder identifies the agent's data folder during that boot; a copy has another; null:
   *     unknown
   * @param slots how many jobs the agent runs at once
   * @param listening whether the agent receives announcements, as it last reported
   * @param facts what the host reports about itself
   */
  public record Session(
      long epoch,
      @Nullable String bootId,
      @Nullable String folder,
      int slots,
      boolean listening,
      @Nullable HostFacts facts) {}

  /**
   * The contact to the agent.
   *
   * @param heard when it was last heard from; null: never
   * @param silent whether its silence has been noticed
   * @param left when the agent said that its session ends; null: it did not
   * @param rival when another agent with the same credential was last refused; null: none was
   */
  public record Contact(
      @Nullable Instant heard, boolean silent, @Nullable Instant left, @Nullable Instant rival) {}

  /**
   * Labels, each as {@code name=value}.
   *
   * @param effective of both sides, for people and for searches
   * @param byApi those set by people and programs, or sealed in the join token. They count before
   *     the agent's, and only they decide which pools a host belongs to
   * @param byAgent those the agent was started with; they describe the host
   */
  public record HostLabels(List<String> effective, List<String> byApi, List<String> byAgent) {
    public HostLabels {
      effective = List.copyOf(effective);
      byApi = List.copyOf(byApi);
      byAgent = List.copyOf(byAgent);
    }
  }

  /**
   * Whether a host is granted jobs.
   *
   * @param disabled no more jobs until it is enabled
   * @param draining the same, because somebody wants it empty
   */
  public record Mode(boolean disabled, boolean draining) {
    static final Mode ENABLED = new Mode(false, false);
  }

  /**
   * A host that has just been enrolled.
   *
   * @param labels those that its join token gives it
   */
  static Host enrolled(
      String id,
      String organization,
      String name,
      Instant now,
      Credential credential,
      HostFacts facts,
      List<String> labels) {
    return new Host(
        id,
        organization,
        name,
        now,
        credential,
        new Session(0, null, null, 0, false, facts),
        new Contact(null, false, null, null),
        new HostLabels(labels, labels, List.of()),
        Mode.ENABLED);
  }

  /** Whether its agent may be granted jobs. */
  public boolean takesJobs() {
    return !mode.disabled() && !mode.draining();
  }

  /** Whether its agent is there, as far as that can be known. */
  public boolean isOnline(Instant now) {
    return HostState.contact(this, now) == HostState.ONLINE;
  }

  /**
   * Whether a session from another folder or boot must wait: the current one is alive. A process
   * that starts in the same folder within the same boot follows the one before it, since the folder
   * is locked by one process at a time.
   *
   * @param silence for how long an agent that is alive may be silent
   */
  boolean isHeldAgainst(SessionOpening opening, Duration silence, Instant now) {
    var heard = contact.heard();
    return session.bootId() != null
        && contact.left() == null
        && heard != null
        && heard.plus(silence).isAfter(now)
        && !(session.bootId().equals(opening.bootId())
            && (session.folder() == null
                || opening.folder() == null
                || session.folder().equals(opening.folder())));
  }

  /** Its labels by name. */
  Map<String, String> labelled() {
    return Labels.of(labels.effective());
  }

  /**
   * The labels by which pools find it. What its agent says of itself is not among them: otherwise a
   * host could make itself part of any pool, and receive that pool's jobs and secrets.
   */
  Map<String, String> placedBy() {
    return Labels.of(labels.byApi());
  }
}
