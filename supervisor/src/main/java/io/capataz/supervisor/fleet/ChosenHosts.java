package io.capataz.supervisor.fleet;

import io.capataz.supervisor.fleet.FleetRun.Choice;
import io.capataz.supervisor.host.Host;
import io.capataz.supervisor.host.Hosts;
import io.capataz.supervisor.host.Pools;
import io.capataz.supervisor.task.Task;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.ApiProblem.FieldError;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.springframework.stereotype.Component;

/** Finds the hosts of a fleet run. */
@Component
class ChosenHosts {

  private final Hosts hosts;
  private final Pools pools;

  ChosenHosts(Hosts hosts, Pools pools) {
    this.hosts = hosts;
    this.pools = pools;
  }

  /**
   * The hosts, in their order: as listed, otherwise by name.
   *
   * @param listed ids or names, if they were listed
   * @throws ApiProblem 400 if one does not exist, or there are none or too many
   */
  List<Host> of(Task task, Choice choice, List<String> listed) {
    var organization = task.organization();
    var found =
        switch (choice.by()) {
          case HOSTS -> listed(organization, listed);
          case POOL -> inPool(organization, choice.said());
          case LABELS -> hosts.selected(organization, choice.said());
          case TASK -> ofTask(task);
        };
    if (found.isEmpty()) {
      throw ApiProblem.badRequest(
          "no_hosts", "No host was chosen: there is none that hosts, pool or labels say.");
    }
    if (found.size() > FleetFields.MOST_HOSTS) {
      throw ApiProblem.badRequest(
          "too_many_hosts",
          "A fleet run may have %d hosts at most; %d were chosen."
              .formatted(FleetFields.MOST_HOSTS, found.size()));
    }
    return found;
  }

  /** Those of the organization's hosts that there still are. */
  List<String> stillThere(String organization, List<String> ids) {
    return hosts.withIds(ids).stream()
        .filter(host -> host.organization().equals(organization))
        .map(Host::id)
        .toList();
  }

  private List<Host> listed(String organization, List<String> listed) {
    var found = new LinkedHashMap<String, Host>();
    var errors = new ArrayList<FieldError>();
    for (var i = 0; i < listed.size(); i++) {
      var host = hosts.withIdOrName(organization, listed.get(i));
      if (host.isPresent()) {
        found.put(host.get().id(), host.get());
      } else {
        errors.add(
            new FieldError(
                "/hosts/" + i, "not_found", "must be the id or name of an existing host."));
      }
    }
    if (!errors.isEmpty()) {
      throw ApiProblem.invalid(errors);
    }
    return List.copyOf(found.values());
  }

  private List<Host> inPool(String organization, String pool) {
    return pools
        .named(organization, pool)
        .map(hosts::of)
        .orElseThrow(
            () ->
                ApiProblem.invalid(
                    List.of(
                        new FieldError(
                            "/pool", "not_found", "must be the id or name of a pool."))));
  }

  private List<Host> ofTask(Task task) {
    var target = task.target();
    if (target.pool() != null) {
      return pools.find(task.organization(), target.pool()).map(hosts::of).orElse(List.of());
    }
    return target.host() == null
        ? List.of()
        : hosts.find(task.organization(), target.host()).stream().toList();
  }
}
