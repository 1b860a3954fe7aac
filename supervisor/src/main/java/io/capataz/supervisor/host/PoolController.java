package io.capataz.supervisor.host;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import java.net.URI;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Pools of hosts over HTTP; not part of the seeds, but in the style of seed 004. */
@RestController
class PoolController {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

  private static final int PAGE = 1_000;

  /** When an agent claims a job, the answer says that there are more. */
  private static final int MOST_WOKEN = 50;

  private final Pools pools;
  private final Hosts hosts;
  private final HostUses uses;
  private final ApplicationEventPublisher events;

  PoolController(Pools pools, Hosts hosts, HostUses uses, ApplicationEventPublisher events) {
    this.events = events;
    this.pools = pools;
    this.hosts = hosts;
    this.uses = uses;
  }

  /**
   * A pool in a response.
   *
   * @param hosts the ids of its current hosts
   * @param labels the selector that finds them; absent if they are listed by id
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record PoolView(
      String id, String name, List<String> hosts, @Nullable String labels, Instant creationDate) {}

  private static final Listing.Offer<Pool> LIST =
      new Listing.Offer<>(
          Map.of(
              "name", new Listing.Order<>(Pool::name),
              "creation_date", new Listing.Order<>(Pool::created)),
          "name",
          Set.of("name"),
          PAGE,
          PAGE);

  /**
   * {@code GET /{customer}/pool}: lists the organization's pools by name. Sorted by {@code name} or
   * {@code creation_date}, filtered by {@code name}; see {@link Listing}.
   */
  @GetMapping("/{customer}/pool")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.POOL_READ)
  ResponseEntity<List<PoolView>> list(@PathVariable String customer, ApiInput input) {
    var asked = LIST.read(input);
    var page = pools.list(customer, asked);
    var bySelector = page.items().stream().anyMatch(pool -> pool.selector() != null);
    var all = bySelector ? hosts.in(customer) : List.<Host>of();
    return asked.answer(
        page,
        pool ->
            view(
                pool,
                pool.selector() == null
                    ? pool.hosts()
                    : all.stream().filter(pool::has).map(Host::id).toList()));
  }

  /** {@code GET /{customer}/pool/{id}}: returns one pool, by id or name. */
  @GetMapping("/{customer}/pool/{id}")
  @Allow(role = Role.VIEWER, scope = Scope.POOL_READ)
  PoolView get(@PathVariable String customer, @PathVariable String id) {
    return view(found(customer, id));
  }

  /**
   * {@code POST /{customer}/pool}: creates a pool with a {@code name} and either {@code hosts}, a
   * list of host ids or names, or {@code labels}, a selector in Kubernetes syntax: {@code
   * "os=linux,zone in (a,b),!legacy"}. 409 if one with that name exists.
   */
  @PostMapping("/{customer}/pool")
  @Allow(role = Role.ADMIN, scope = Scope.POOL_WRITE)
  @ResponseStatus(HttpStatus.CREATED)
  ResponseEntity<PoolView> create(@PathVariable String customer, ApiInput input) {
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var name = fields.requiredName("name", 100);
    checkName(name, fields);
    var members = members(customer, fields);
    fields.done();
    return pools
        .add(customer, name, members.hosts(), members.selector())
        .map(
            pool ->
                ResponseEntity.created(URI.create("/" + customer + "/pool/" + pool.id()))
                    .body(view(pool)))
        .orElseThrow(PoolController::nameTaken);
  }

  /**
   * {@code PUT /{customer}/pool/{id}}: replaces the pool's {@code hosts} or {@code labels}. 409 if
   * another pool has that {@code name}.
   */
  @PutMapping("/{customer}/pool/{id}")
  @Allow(role = Role.ADMIN, scope = Scope.POOL_WRITE)
  PoolView replace(@PathVariable String customer, @PathVariable String id, ApiInput input) {
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    if (!fields.has("hosts") && !fields.has("labels")) {
      fields.wrong("hosts", "required", "is required unless labels is sent.");
    }
    return change(customer, id, fields);
  }

  /**
   * {@code PATCH /{customer}/pool/{id}}: changes the fields sent: {@code name}, and {@code hosts}
   * or {@code labels}. 409 if another pool has that name.
   */
  @PatchMapping("/{customer}/pool/{id}")
  @Allow(role = Role.ADMIN, scope = Scope.POOL_WRITE)
  PoolView change(@PathVariable String customer, @PathVariable String id, ApiInput input) {
    return change(
        customer, id, FieldReader.of(input.object()).ignoring("customer", "access_token"));
  }

  private PoolView change(String customer, String id, FieldReader fields) {
    var name = fields.name("name", 100);
    name.ifPresent(text -> checkName(text, fields));
    var given = fields.has("hosts") || fields.has("labels");
    var members = members(customer, fields);
    fields.done();
    var pool = found(customer, id);
    var before = given ? hosts.of(pool).stream().map(Host::id).toList() : List.<String>of();
    if (!pools.change(pool, name.orElse(pool.name()), given ? members : null)) {
      throw nameTaken();
    }
    var changed = found(customer, pool.id());
    if (given) {
      wakeAdded(changed, before);
    }
    return view(changed);
  }

  /** What waits for the pool need not wait until its new hosts hear of it. */
  private void wakeAdded(Pool pool, List<String> before) {
    hosts.of(pool).stream()
        .filter(host -> host.takesJobs() && !before.contains(host.id()))
        .limit(MOST_WOKEN)
        .forEach(host -> events.publishEvent(new HostEnabled(host)));
  }

  /** {@code DELETE /{customer}/pool/{id}}: removes a pool. 409 while tasks target it. */
  @DeleteMapping("/{customer}/pool/{id}")
  @Allow(role = Role.ADMIN, scope = Scope.POOL_WRITE)
  Map<String, String> remove(@PathVariable String customer, @PathVariable String id) {
    var pool = found(customer, id);
    var tasks = uses.tasksInPool(customer, pool.id());
    if (!tasks.isEmpty()) {
      throw ApiProblem.conflict(
          "in_use",
          "Tasks target this pool: " + String.join(", ", tasks) + ". Change their target first.");
    }
    pools.remove(pool);
    return Map.of();
  }

  private static void checkName(String name, FieldReader fields) {
    if (!name.isEmpty() && !NAME.matcher(name).matches()) {
      fields.wrong(
          "name",
          "invalid_name",
          "must start with a letter or digit and contain only letters, digits, '.', '_' and '-'.");
    }
  }

  private Pools.Members members(String customer, FieldReader fields) {
    var sent = fields.texts("hosts", 1_000, 254).orElse(List.of());
    var named = new LinkedHashSet<String>();
    for (var i = 0; i < sent.size(); i++) {
      var host = hosts.withIdOrName(customer, sent.get(i));
      if (host.isEmpty()) {
        fields.wrong(
            "hosts/" + i,
            "not_found",
            "must be the id or name of an existing host; see GET /" + customer + "/host.");
      }
      host.map(Host::id).ifPresent(named::add);
    }
    var selector = fields.text("labels", Selector.LONGEST);
    if (selector.isPresent() && fields.has("hosts")) {
      fields.wrong("labels", "conflict", "must not be sent together with hosts.");
    }
    selector.ifPresent(
        text -> {
          try {
            Selector.parse(text);
          } catch (Selector.Invalid wrong) {
            fields.wrong("labels", "invalid_selector", String.valueOf(wrong.getMessage()));
          }
        });
    return new Pools.Members(List.copyOf(named), selector.orElse(null));
  }

  private Pool found(String customer, String id) {
    return pools.named(customer, id).orElseThrow(() -> ApiProblem.notFound("The pool"));
  }

  private PoolView view(Pool pool) {
    return view(
        pool,
        pool.selector() == null ? pool.hosts() : hosts.of(pool).stream().map(Host::id).toList());
  }

  private static PoolView view(Pool pool, List<String> hosts) {
    return new PoolView(pool.id(), pool.name(), hosts, pool.selector(), pool.created());
  }

  private static ApiProblem nameTaken() {
    return ApiProblem.conflict(
        "name_taken", "A pool with that name exists. Use PATCH to change it.");
  }
}
