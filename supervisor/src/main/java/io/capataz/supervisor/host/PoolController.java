package io.capataz.supervisor.host;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/** Pools of hosts by HTTP; beyond the seeds, in the style of seed 004. */
@RestController
class PoolController {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

  private final Pools pools;
  private final Hosts hosts;

  PoolController(Pools pools, Hosts hosts) {
    this.pools = pools;
    this.hosts = hosts;
  }

  /** A pool in an answer; {@code hosts} are ids. */
  record PoolView(String id, String name, List<String> hosts, Instant creationDate) {
    static PoolView of(Pool pool) {
      return new PoolView(pool.id(), pool.name(), pool.hosts(), pool.created());
    }
  }

  /** {@code GET /{customer}/pool}: the organization's pools, by name. */
  @GetMapping("/{customer}/pool")
  @Allow(role = Role.VIEWER)
  List<PoolView> list(@PathVariable String customer) {
    return pools.in(customer).stream().map(PoolView::of).toList();
  }

  /** {@code GET /{customer}/pool/{id}}: one pool. */
  @GetMapping("/{customer}/pool/{id}")
  @Allow(role = Role.VIEWER)
  PoolView get(@PathVariable String customer, @PathVariable String id) {
    return pools.find(customer, id).map(PoolView::of).orElseThrow(PoolController::noSuchPool);
  }

  /**
   * {@code POST /{customer}/pool}: makes a pool of {@code name} and {@code hosts}, a list of host
   * ids. 409 if there is one of that name.
   */
  @PostMapping("/{customer}/pool")
  @Allow(role = Role.ADMIN)
  PoolView create(@PathVariable String customer, ApiInput input) {
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var name = fields.requiredText("name", 100);
    if (!name.isEmpty() && !NAME.matcher(name).matches()) {
      fields.wrong(
          "name",
          "invalid_name",
          "must start with a letter or digit and hold only those, '.', '_' and '-'.");
    }
    var members = members(customer, fields);
    fields.done();
    return pools
        .add(customer, name, members)
        .map(PoolView::of)
        .orElseThrow(
            () ->
                ApiProblem.conflict(
                    "name_taken", "There is a pool of that name; change that one with PUT."));
  }

  /** {@code PUT /{customer}/pool/{id}}: gives the pool other {@code hosts}. */
  @PutMapping("/{customer}/pool/{id}")
  @Allow(role = Role.ADMIN)
  PoolView change(@PathVariable String customer, @PathVariable String id, ApiInput input) {
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    if (!fields.has("hosts")) {
      fields.wrong("hosts", "required", "is required.");
    }
    var members = members(customer, fields);
    fields.done();
    return pools
        .change(customer, id, members)
        .map(PoolView::of)
        .orElseThrow(PoolController::noSuchPool);
  }

  private List<String> members(String customer, FieldReader fields) {
    var members = fields.texts("hosts", 1_000, 64).orElse(List.of()).stream().distinct().toList();
    for (var i = 0; i < members.size(); i++) {
      if (hosts.find(customer, members.get(i)).isEmpty()) {
        fields.wrong(
            "hosts/" + i,
            "not_found",
            "is not the id of a host here; see GET /" + customer + "/host.");
      }
    }
    return members;
  }

  private static ApiProblem noSuchPool() {
    return ApiProblem.notFound("The pool");
  }
}
