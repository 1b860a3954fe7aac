package io.capataz.supervisor.host;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.capataz.common.protocol.HostFacts;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/** Hosts over HTTP. */
@RestController
class HostController {

  private static final int PAGE = 1_000;

  private final Hosts hosts;
  private final Pools pools;
  private final HostWork work;
  private final HostUses uses;
  private final InstantSource clock;
  private final ApplicationEventPublisher events;

  HostController(
      Hosts hosts,
      Pools pools,
      HostWork work,
      HostUses uses,
      InstantSource clock,
      ApplicationEventPublisher events) {
    this.events = events;
    this.hosts = hosts;
    this.pools = pools;
    this.work = work;
    this.uses = uses;
    this.clock = clock;
  }

  /**
   * A host in a response.
   *
   * @param hostname an alias of {@code name} for seed 004's clients
   */
  record HostView(
      String id,
      String hostname,
      String name,
      @JsonUnwrapped ContactView contact,
      @JsonUnwrapped LabelsView labelled,
      @Nullable HostFacts facts,
      Instant creationDate) {}

  /**
   * Whether its agent can be given jobs.
   *
   * @param state {@code online}, {@code silent} (nothing heard for 40 seconds), {@code offline}
   *     (its agent has ended, nothing heard for two minutes, or never), {@code disabled} or {@code
   *     draining}
   * @param online whether its agent was heard from recently
   * @param enable whether it is granted jobs; false while it is disabled or drained
   * @param listening whether its agent receives announcements; if not, jobs start up to a minute
   *     later
   * @param running how many jobs its agent holds
   */
  record ContactView(
      String state,
      boolean online,
      boolean enable,
      boolean listening,
      @Nullable Instant lastContact,
      int slots,
      int running) {}

  /**
   * Its labels.
   *
   * @param labels the effective labels; if both sources set a name, the API wins
   * @param labelsByApi those set by {@code PATCH}
   * @param labelsByAgent those its agent was started with
   */
  record LabelsView(
      Map<String, String> labels,
      Map<String, String> labelsByApi,
      Map<String, String> labelsByAgent) {}

  private static final Listing.Offer<Host> LIST =
      new Listing.Offer<>(
          Map.of(
              "name", new Listing.Order<>(Host::name),
              "creation_date", new Listing.Order<>(Host::created)),
          "name",
          Set.of("name", "label", "state"),
          PAGE,
          PAGE);

  /**
   * {@code GET /{customer}/host}: lists the organization's hosts by name. Sorted by {@code name} or
   * {@code creation_date}; filtered by {@code name}, {@code label} ({@code zone=a}) and {@code
   * state}; see {@link Listing}.
   */
  @GetMapping("/{customer}/host")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.HOST_READ)
  ResponseEntity<List<HostView>> list(@PathVariable String customer, ApiInput input) {
    var asked = LIST.read(input);
    for (var state : asked.filterAll("state")) {
      if (HostState.named(state).isEmpty()) {
        throw ApiProblem.invalid(
            List.of(
                new ApiProblem.FieldError(
                    "/state",
                    "unknown_word",
                    "must be online, silent, offline, disabled or draining.")));
      }
    }
    var page = hosts.list(customer, asked);
    var running = work.underWay(page.items().stream().map(Host::id).toList());
    return asked.answer(page, host -> view(host, running));
  }

  /** {@code GET /{customer}/host/{id}}: returns one host. */
  @GetMapping("/{customer}/host/{id}")
  @Allow(role = Role.VIEWER, scope = Scope.HOST_READ)
  HostView get(@PathVariable String customer, @PathVariable String id) {
    return view(found(customer, id));
  }

  /**
   * {@code PATCH /{customer}/host/{id}}: replaces the host's {@code labels} set by API, an object
   * of strings. They take precedence over those of its agent; pools that select hosts by labels
   * change immediately.
   */
  @PatchMapping("/{customer}/host/{id}")
  @Allow(role = Role.ADMIN, scope = Scope.HOST_WRITE)
  HostView label(@PathVariable String customer, @PathVariable String id, ApiInput input) {
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var given = fields.has("labels");
    var labels = Labels.read(fields);
    fields.done();
    return given
        ? hosts
            .label(customer, found(customer, id).id(), labels)
            .map(this::labelled)
            .orElseThrow(HostController::noSuchHost)
        : view(found(customer, id));
  }

  private HostView labelled(Host host) {
    if (host.takesJobs()) {
      events.publishEvent(new HostEnabled(host)); // It may belong to other pools now.
    }
    return view(host);
  }

  /**
   * {@code PUT /{customer}/host/{id}/disable} and {@code PUT /host/{id}/disable} (the original's):
   * stops granting jobs to the host until it is enabled. Running jobs continue; jobs for this host
   * wait, and those for its pools go to other hosts.
   */
  @PutMapping({"/{customer}/host/{id}/disable", "/host/{id}/disable"})
  @Allow(role = Role.ADMIN, scope = Scope.HOST_WRITE)
  HostView disable(@PathVariable String id, Caller.Member caller) {
    return allowed(caller, id, true, false);
  }

  /**
   * {@code PUT /{customer}/host/{id}/drain} and {@code PUT /host/{id}/drain}: the same, to empty a
   * host; it is empty when {@code running} is 0.
   */
  @PutMapping({"/{customer}/host/{id}/drain", "/host/{id}/drain"})
  @Allow(role = Role.ADMIN, scope = Scope.HOST_WRITE)
  HostView drain(@PathVariable String id, Caller.Member caller) {
    return allowed(caller, id, false, true);
  }

  /**
   * {@code PUT /{customer}/host/{id}/enable} and {@code PUT /host/{id}/enable} (the original's):
   * grants jobs to a disabled or draining host again.
   */
  @PutMapping({"/{customer}/host/{id}/enable", "/host/{id}/enable"})
  @Allow(role = Role.ADMIN, scope = Scope.HOST_WRITE)
  HostView enable(@PathVariable String id, Caller.Member caller) {
    var enabled = allowed(caller, id, false, false);
    hosts
        .find(caller.organization(), id)
        .filter(Host::takesJobs)
        .ifPresent(host -> events.publishEvent(new HostEnabled(host)));
    return enabled;
  }

  private HostView allowed(Caller.Member caller, String id, boolean disabled, boolean draining) {
    return hosts
        .allow(caller.organization(), found(caller.organization(), id).id(), disabled, draining)
        .map(this::view)
        .orElseThrow(HostController::noSuchHost);
  }

  /**
   * {@code DELETE /{customer}/host/{id}}: removes a host and revokes its agent's credential. 409
   * while it has unfinished jobs, and while tasks target it, unless {@code ?force=true} allows
   * leaving them without a host.
   */
  @DeleteMapping("/{customer}/host/{id}")
  @Accepts(query = "force")
  @Allow(role = Role.ADMIN, scope = Scope.HOST_WRITE)
  Map<String, String> remove(
      @PathVariable String customer, @PathVariable String id, ApiInput input) {
    var host = found(customer, id);
    var tasks = uses.tasksOnHost(customer, host.id());
    if (!tasks.isEmpty() && !input.queryTruth("force")) {
      throw ApiProblem.conflict(
          "in_use",
          "Tasks target this host: "
              + String.join(", ", tasks)
              + ". Change their target first, or remove the host with force=true; their jobs"
              + " will then"
              + " wait.");
    }
    // Disabled first, so that it is granted nothing in the meantime.
    hosts.allow(customer, host.id(), true, host.mode().draining());
    var running = work.underWay(List.of(host.id())).getOrDefault(host.id(), 0);
    if (running > 0) {
      hosts.allow(customer, host.id(), host.mode().disabled(), host.mode().draining());
      throw ApiProblem.conflict(
          "jobs_under_way",
          running
              + " unfinished jobs are on this host. Wait for them or cancel them; drain the host"
              + " first so that it gets no new ones.");
    }
    hosts.remove(host);
    pools.leave(host);
    // A claim may have been in progress before the host was disabled.
    work.endOn(host.id(), "Its host was removed.");
    return Map.of();
  }

  private Host found(String customer, String id) {
    return hosts.withIdOrName(customer, id).orElseThrow(HostController::noSuchHost);
  }

  private static ApiProblem noSuchHost() {
    return ApiProblem.notFound("The host");
  }

  private HostView view(Host host) {
    return view(host, work.underWay(List.of(host.id())));
  }

  private HostView view(Host host, Map<String, Integer> running) {
    var now = clock.instant();
    return new HostView(
        host.id(),
        host.name(),
        host.name(),
        new ContactView(
            HostState.of(host, now).wire(),
            HostState.contact(host, now) == HostState.ONLINE,
            host.takesJobs(),
            host.session().listening(),
            host.contact().heard(),
            host.session().slots(),
            running.getOrDefault(host.id(), 0)),
        new LabelsView(
            host.labelled(), Labels.of(host.labels().byApi()), Labels.of(host.labels().byAgent())),
        host.session().facts(),
        host.created());
  }
}
