package io.capataz.agent.session;

import io.capataz.agent.host.DataFolder;
import io.capataz.agent.host.ThisHost;
import io.capataz.agent.journal.HeldRuns;
import io.capataz.agent.link.Backoff;
import io.capataz.agent.link.Reply;
import io.capataz.agent.link.SupervisorClient;
import io.capataz.common.protocol.Enrolment;
import io.capataz.common.protocol.ProtocolVersion;
import io.capataz.common.protocol.SessionOpening;
import io.capataz.common.secret.Secret;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Enrols the agent if necessary, and opens its session. */
public final class SessionOpener {

  private static final Logger log = LoggerFactory.getLogger(SessionOpener.class);

  /** The status of a session that is refused while another one lives. */
  private static final int IN_USE = 409;

  private final SupervisorClient anonymous;
  private final DataFolder data;
  private final Backoff backoff;
  private final String host;
  private final int slots;
  private final Map<String, String> labels;
  private final Optional<Secret> joinToken;
  private final Duration patience;

  /**
   * @param anonymous client without credential
   * @param data stores the credential
   * @param host name of this host
   * @param slots maximum number of concurrent jobs
   * @param labels labels of this host, used by pools
   * @param joinToken used if there is no valid credential
   * @param patience how long to wait for another agent with the same credential to end; after a
   *     crash of the machine that is this agent's own last session
   */
  public SessionOpener(
      SupervisorClient anonymous,
      DataFolder data,
      Backoff backoff,
      String host,
      int slots,
      Map<String, String> labels,
      Optional<Secret> joinToken,
      Duration patience) {
    this.anonymous = anonymous;
    this.data = data;
    this.backoff = backoff;
    this.host = host;
    this.slots = slots;
    this.labels = Map.copyOf(labels);
    this.joinToken = joinToken;
    this.patience = patience;
  }

  /**
   * Retries until the supervisor answers.
   *
   * @param held runs of an earlier agent process
   */
  public Session open(HeldRuns held) throws IOException, InterruptedException, SessionRefused {
    var known = data.credential();
    if (known.isEmpty()) {
      var identity = enrol();
      return session(identity, ask(identity, held));
    }
    var reply = ask(known.get(), held);
    if (reply instanceof Reply.CredentialRefused && joinToken.isPresent()) {
      log.warn(
          "the supervisor rejected the credential of agent {}; enrolling again",
          known.get().agent());
      var identity = enrol();
      return session(identity, ask(identity, held));
    }
    return session(known.get(), reply);
  }

  private Reply<SessionOpening.Answer> ask(Enrolment.Answer identity, HeldRuns held)
      throws IOException, InterruptedException {
    var opening =
        new SessionOpening(
            ProtocolVersion.CURRENT,
            ThisHost.bootId(),
            slots,
            ThisHost.facts(),
            held.running(),
            held.claims(),
            held.lost(),
            labels,
            host,
            data.place());
    var supervisor = as(identity);
    long until = System.nanoTime() + patience.toNanos();
    for (int refusals = 1; ; refusals++) {
      var reply = backoff.untilReached(() -> supervisor.open(opening));
      if (!isHeldByAnother(reply) || System.nanoTime() >= until) {
        return reply;
      }
      if (refusals == 1) {
        log.warn(
            "another agent with the credential of this one is running; waiting up to {} s for it"
                + " to end",
            patience.toSeconds());
      }
      Thread.sleep(backoff.pause(refusals));
    }
  }

  private static boolean isHeldByAnother(Reply<SessionOpening.Answer> reply) {
    return reply instanceof Reply.Fenced<SessionOpening.Answer>(int status, String _)
        && status == IN_USE;
  }

  private Session session(Enrolment.Answer identity, Reply<SessionOpening.Answer> reply)
      throws SessionRefused {
    return switch (reply) {
      case Reply.Taken<SessionOpening.Answer>(SessionOpening.Answer terms) ->
          new Session(identity, as(identity), terms);
      case Reply.CredentialRefused<SessionOpening.Answer>(String detail) ->
          throw new SessionRefused(
              "The supervisor rejected the credential of this agent: "
                  + detail
                  + " Start the agent once with a new join token (--join-token-file).");
      case Reply.Fenced<SessionOpening.Answer>(int status, String detail) ->
          throw refused(status, detail);
      case Reply.Faulty<SessionOpening.Answer>(int status, String detail) ->
          throw refused(status, detail);
      case Reply.Unreachable<SessionOpening.Answer>(String why) -> throw refused(0, why);
    };
  }

  /**
   * A join token admits a limited number of hosts; but after a lost answer the call must be
   * repeated, since the token may not be spent.
   */
  private Enrolment.Answer enrol() throws IOException, InterruptedException, SessionRefused {
    if (joinToken.isEmpty()) {
      throw new SessionRefused(
          "This agent is not enrolled and has no join token. Create one in the console or with the"
              + " API, and start the agent with --join-token-file FILE or CAPATAZ_JOIN_TOKEN.");
    }
    var enrolment = new Enrolment(joinToken.get().reveal(), host, ThisHost.facts());
    return switch (backoff.untilReached(() -> anonymous.enrol(enrolment))) {
      case Reply.Taken<Enrolment.Answer>(Enrolment.Answer identity) -> {
        data.storeCredential(identity);
        log.atInfo()
            .addKeyValue("agent", identity.agent())
            .addKeyValue("organization", identity.organization())
            .log("enrolled as {}", host);
        yield identity;
      }
      case Reply.CredentialRefused<Enrolment.Answer>(String detail) ->
          throw new SessionRefused(
              "The supervisor rejected the join token: "
                  + detail
                  + " Start the agent once with a new join token (--join-token-file).");
      case Reply.Fenced<Enrolment.Answer>(int status, String detail) ->
          throw refused(status, detail);
      case Reply.Faulty<Enrolment.Answer>(int status, String detail) ->
          throw refused(status, detail);
      case Reply.Unreachable<Enrolment.Answer>(String why) -> throw refused(0, why);
    };
  }

  private SupervisorClient as(Enrolment.Answer identity) {
    return anonymous.as(Secret.of(identity.credential()));
  }

  private SessionRefused refused(int status, String detail) {
    return new SessionRefused(
        "The supervisor rejected this agent as host `"
            + host
            + "` (HTTP "
            + status
            + "): "
            + detail
            + " See the log of the supervisor.");
  }
}
