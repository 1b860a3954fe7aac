package io.capataz.supervisor.fleet;

import io.capataz.supervisor.fleet.FleetRun.Grant;
import io.capataz.supervisor.fleet.FleetRun.Off;
import io.capataz.supervisor.host.Host;
import io.capataz.supervisor.host.Hosts;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Finds the hosts whose turn it is. */
@Component
class NextHosts {

  /** How many are decided about with one change of the run. */
  private static final int AT_ONCE = 100;

  private static final int PAGE = 500;

  private final FleetHosts members;
  private final Hosts hosts;
  private final InstantSource clock;

  NextHosts(FleetHosts members, Hosts hosts, InstantSource clock) {
    this.members = members;
    this.hosts = hosts;
    this.clock = clock;
  }

  /**
   * How much room a run has. What is under way is counted before what has failed: a host that fails
   * in between counts twice, and none is missed.
   *
   * @param running how many more may run
   * @param failing how many more may fail; null: any number
   */
  record Room(int running, @Nullable Integer failing) {
    boolean isSpent() {
      return failing != null && failing <= 0;
    }
  }

  Room room(FleetRun run) {
    var most = run.wish().atOnce();
    var running = members.count(run.id(), Stage.RUNNING, most);
    var budget = run.plan().budget();
    return new Room(
        most - running,
        budget == null ? null : budget - members.count(run.id(), Stage.FAILED, budget));
  }

  /**
   * What is decided about the next hosts.
   *
   * @param returned whether to look for hosts that were off and are back
   */
  List<Grant> grants(FleetRun run, Room room, boolean returned) {
    var most = Math.min(room.running(), AT_ONCE);
    if (most <= 0) {
      return List.of();
    }
    var grants = new ArrayList<Grant>();
    if (returned) {
      returned(run, most, grants);
    }
    if (grants.size() < most) {
      turns(run, most, room.failing(), grants);
    }
    return grants;
  }

  /** Hosts whose turn it is, also if they are off. */
  private void turns(FleetRun run, int most, @Nullable Integer mostFailing, List<Grant> grants) {
    var next = members.next(run.id(), run.end(), most - grants.size());
    var there = there(next.stream().map(FleetHost::host).toList());
    var failing = 0;
    for (var member : next) {
      var grant = turn(run, member, there.get(member.host()));
      grants.add(grant);
      failing += grant.stage() == Stage.FAILED ? 1 : 0;
      if (mostFailing != null && failing >= mostFailing) {
        return;
      }
    }
  }

  private Grant turn(FleetRun run, FleetHost member, @Nullable Host host) {
    var number = member.attempt().number();
    if (host == null) {
      return new Grant(member.id(), number, Stage.SKIPPED, "The host was removed.");
    }
    if (isOn(host)) {
      return new Grant(member.id(), number, Stage.RUNNING, null);
    }
    var why = host.takesJobs() ? "The host is off." : "The host takes no jobs.";
    var until = run.plan().offUntil();
    if (run.wish().off() == Off.FAIL) {
      return new Grant(member.id(), number, Stage.FAILED, why);
    }
    return until != null && until.isAfter(clock.instant())
        ? new Grant(member.id(), number, Stage.OFF, why)
        : new Grant(member.id(), number, Stage.SKIPPED, why);
  }

  private void returned(FleetRun run, int most, List<Grant> grants) {
    var page = members.from(run.id(), Stage.OFF, 0, PAGE);
    while (!page.isEmpty()) {
      var there = there(page.stream().map(FleetHost::host).toList());
      for (var member : page) {
        var host = there.get(member.host());
        if (host != null && isOn(host) && grants.size() < most) {
          grants.add(new Grant(member.id(), member.attempt().number(), Stage.RUNNING, null));
        }
      }
      page =
          page.size() < PAGE || grants.size() == most
              ? List.of()
              : members.from(run.id(), Stage.OFF, page.getLast().place() + 1, PAGE);
    }
  }

  /** Members whose jobs wait for hosts that went off since they began. */
  List<FleetHost> left(FleetRun run, Instant begunBefore) {
    var running = members.begunBefore(run.id(), begunBefore, PAGE);
    if (running.isEmpty()) {
      return List.of();
    }
    var there = there(running.stream().map(FleetHost::host).toList());
    return running.stream()
        .filter(
            member -> {
              var host = there.get(member.host());
              return host == null || !isOn(host);
            })
        .toList();
  }

  private boolean isOn(Host host) {
    return host.takesJobs() && host.isOnline(clock.instant());
  }

  private Map<String, Host> there(Collection<String> ids) {
    var there = new HashMap<String, Host>();
    if (!ids.isEmpty()) {
      hosts.withIds(ids).forEach(host -> there.put(host.id(), host));
    }
    return there;
  }
}
