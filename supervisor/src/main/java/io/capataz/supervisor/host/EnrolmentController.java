package io.capataz.supervisor.host;

import io.capataz.common.protocol.Enrolment;
import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Audited;
import io.capataz.supervisor.access.AuditedAct;
import io.capataz.supervisor.host.JoinTokens.JoinToken;
import io.capataz.supervisor.web.ApiProblem;
import jakarta.servlet.http.HttpServletRequest;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** How a host joins. */
@RestController
class EnrolmentController {

  private static final String WHAT_TO_DO = " Ask an administrator for a new one.";

  private static final Logger log = LoggerFactory.getLogger(EnrolmentController.class);

  private final Hosts hosts;
  private final Pools pools;
  private final JoinTokens joinTokens;
  private final InstantSource clock;

  EnrolmentController(Hosts hosts, Pools pools, JoinTokens joinTokens, InstantSource clock) {
    this.hosts = hosts;
    this.pools = pools;
    this.joinTokens = joinTokens;
    this.clock = clock;
  }

  /**
   * {@code POST /agent/v1/enrolment}: see {@link Enrolment}. 401 with a code that says why the join
   * token is not valid: {@code join_token_spent}, {@code join_token_expired}, {@code
   * join_token_revoked}, {@code join_token_other_host}, or {@code unauthorized} if it is unknown.
   * 409 if the organization has a host of that name and the join token is not bound to it.
   */
  @PostMapping("/agent/v1/enrolment")
  @Allow(Allow.Who.ANYONE)
  @Audited
  Enrolment.Answer enrol(@RequestBody Enrolment enrolment, HttpServletRequest request) {
    if (!Host.isName(enrolment.host())) {
      throw ApiProblem.badRequest(
          "invalid_name",
          "'host' must be a host name. Start the agent with --host and a valid name.");
    }
    var text = Secret.shown(enrolment.joinToken());
    var token = joinTokens.find(text).orElseThrow(EnrolmentController::noSuchToken);
    var known = hosts.withName(token.organization(), enrolment.host());
    noteAct(token, known.map(Host::id).orElse(""), request);
    checkUse(token, enrolment.host());
    if (known.isPresent() && token.admits().host() == null) {
      throw takenOver(known.get());
    }
    if (!joinTokens.use(token)) {
      // Somebody else used or revoked it since it was read.
      checkUse(joinTokens.find(text).orElse(token), enrolment.host());
      throw noSuchToken();
    }
    var enrolled = enrolled(token, enrolment);
    token.admits().pools().forEach(pool -> pools.join(token.organization(), pool, enrolled.host()));
    noteAct(token, enrolled.host().id(), request);
    return new Enrolment.Answer(
        enrolled.host().credential().agent(),
        enrolled.host().id(),
        enrolled.host().organization(),
        enrolled.credential().reveal());
  }

  private static void noteAct(JoinToken token, String host, HttpServletRequest request) {
    new AuditedAct(token.organization(), "join-token:" + token.id(), host).attachTo(request);
  }

  private void checkUse(JoinToken token, String host) {
    var bound = token.admits().host();
    if (bound != null && !bound.equals(host)) {
      throw ApiProblem.unauthorized(
          "join_token_other_host",
          "The join token was created for another host than '%s'. Start this agent with the --host the token is for, or ask an administrator for a new one."
              .formatted(host));
    }
    switch (token.state(clock.instant())) {
      case VALID -> {}
      case SPENT ->
          throw ApiProblem.unauthorized(
              "join_token_spent",
              token.admits().hosts() == 1
                  ? "The join token was already used, and is good for one host." + WHAT_TO_DO
                  : "The join token has already enrolled all of its %d hosts."
                          .formatted(token.admits().hosts())
                      + WHAT_TO_DO);
      case EXPIRED ->
          throw ApiProblem.unauthorized(
              "join_token_expired",
              "The join token expired at " + token.expires() + "." + WHAT_TO_DO);
      case REVOKED ->
          throw ApiProblem.unauthorized(
              "join_token_revoked", "The join token was revoked." + WHAT_TO_DO);
    }
  }

  private Hosts.Enrolled enrolled(JoinToken token, Enrolment enrolment) {
    var labels = token.admits().labels();
    return hosts
        .enrol(token.organization(), enrolment.host(), enrolment.facts(), labels)
        .or(() -> replaced(token, enrolment))
        .orElseThrow(
            () -> {
              joinTokens.giveBack(token);
              return ApiProblem.conflict(
                  "host_exists", "Another agent enrolled a host of this name at the same time.");
            });
  }

  private Optional<Hosts.Enrolled> replaced(JoinToken token, Enrolment enrolment) {
    return token.admits().host() == null
        ? Optional.empty()
        : hosts.replaceAgent(
            token.organization(), enrolment.host(), enrolment.facts(), token.admits().labels());
  }

  /** A host is never taken over by name alone: the new owner would receive its jobs and secrets. */
  private ApiProblem takenOver(Host host) {
    var state = HostState.contact(host, clock.instant());
    log.atWarn()
        .addKeyValue("host", host.name())
        .addKeyValue("state", state.wire())
        .log("an agent with an unbound join token tried to take over this host; refused");
    return ApiProblem.conflict(
        "host_exists",
        "The organization has a host named '%s', which is %s. Start this agent with another --host, or ask an administrator for a join token that is bound to this host, which replaces its agent."
            .formatted(host.name(), state.wire()));
  }

  private static ApiProblem noSuchToken() {
    return ApiProblem.unauthorized(
        "The join token is unknown to this supervisor: it was created at another one, is not"
            + " complete, or expired more than a week ago."
            + WHAT_TO_DO);
  }
}
