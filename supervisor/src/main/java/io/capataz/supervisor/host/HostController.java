package io.capataz.supervisor.host;

import io.capataz.common.protocol.Enrolment;
import io.capataz.common.protocol.HostFacts;
import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Hosts as people see them, and how a host joins. */
@RestController
class HostController {

  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9])?");

  /** An agent that was not heard of for this long is shown as away. */
  private static final Duration AWAY = Duration.ofSeconds(40);

  private final Hosts hosts;
  private final JoinTokens joinTokens;
  private final InstantSource clock;

  HostController(Hosts hosts, JoinTokens joinTokens, InstantSource clock) {
    this.hosts = hosts;
    this.joinTokens = joinTokens;
    this.clock = clock;
  }

  /**
   * A host in an answer.
   *
   * @param hostname the same as {@code name}, which seed 004's clients call it
   * @param online whether its agent was heard of lately
   * @param listening whether its agent hears announcements; if not, jobs start up to a minute later
   */
  record HostView(
      String id,
      String hostname,
      String name,
      boolean online,
      boolean listening,
      @Nullable Instant lastContact,
      int slots,
      @Nullable HostFacts facts,
      Instant creationDate) {}

  /** {@code GET /{customer}/host}: the organization's hosts, by name. */
  @GetMapping("/{customer}/host")
  @Allow(role = Role.VIEWER)
  List<HostView> list(@PathVariable String customer) {
    return hosts.in(customer).stream().map(this::view).toList();
  }

  /** {@code GET /{customer}/host/{id}}: one host. */
  @GetMapping("/{customer}/host/{id}")
  @Allow(role = Role.VIEWER)
  HostView get(@PathVariable String customer, @PathVariable String id) {
    return hosts
        .find(customer, id)
        .map(this::view)
        .orElseThrow(() -> ApiProblem.notFound("The host"));
  }

  /**
   * A join token in an answer, the only one that ever shows it.
   *
   * @param expiresIn seconds
   */
  record JoinTokenView(String token, long expiresIn) {}

  /**
   * {@code POST /{customer}/host/join-token}: lets one new agent enrol, within a quarter of an
   * hour.
   */
  @PostMapping("/{customer}/host/join-token")
  @Allow(role = Role.ADMIN)
  JoinTokenView joinToken(@PathVariable String customer, ApiInput input) {
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var host = fields.text("host", 254);
    host.filter(name -> !NAME.matcher(name).matches())
        .ifPresent(_ -> fields.wrong("host", "invalid_name", "is not a host name."));
    fields.done();
    return new JoinTokenView(
        joinTokens.issue(customer, host.orElse(null)).reveal(), JoinTokens.LIFE.toSeconds());
  }

  /** {@code POST /agent/v1/enrolment}: see {@link Enrolment}. */
  @PostMapping("/agent/v1/enrolment")
  @Allow(value = Allow.Who.ANYONE, counted = false)
  Enrolment.Answer enrol(@RequestBody Enrolment enrolment) {
    if (!NAME.matcher(enrolment.host()).matches()) {
      throw ApiProblem.badRequest(
          "invalid_name", "'host' is not a host name. Start the agent with --host and a name.");
    }
    var token =
        joinTokens
            .use(Secret.of(enrolment.joinToken()), enrolment.host())
            .orElseThrow(
                () ->
                    ApiProblem.unauthorized(
                        "The join token is not known, used, over its quarter of an hour, or made"
                            + " for another host. Ask an administrator for a new one."));
    var enrolled = hosts.enrol(token.organization(), enrolment.host(), enrolment.facts());
    return new Enrolment.Answer(
        enrolled.host().agent(),
        enrolled.host().id(),
        enrolled.host().organization(),
        enrolled.credential().reveal());
  }

  private HostView view(Host host) {
    var heard = host.heard();
    return new HostView(
        host.id(),
        host.name(),
        host.name(),
        heard != null && heard.plus(AWAY).isAfter(clock.instant()),
        host.listening(),
        heard,
        host.slots(),
        host.facts(),
        host.created());
  }
}
