package io.capataz.supervisor.model;

import io.capataz.supervisor.model.Bounds.Mishap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All there is at one moment: what the store and the broker keep, what is on its way, what each
 * process remembers.
 *
 * <p>Two worlds are the same when their bytes are. So that fewer differ, what has no order is put
 * into one, and the number of a claim that nothing names any more is used again.
 */
final class World {

  static final int NONE = -1;

  private static final int JOBS = 2;
  private static final int AGENTS = 2;
  private static final int SUPERVISORS = 2;

  /** How many claims can be told apart at once. */
  private static final int CLAIMS = 6;

  /** How many calls can be on their way at once. */
  private static final int CALLS = 6;

  final ModelJob[] jobs = new ModelJob[JOBS];
  final ModelAgent[] agents = new ModelAgent[AGENTS];
  final Errand[] errands = new Errand[SUPERVISORS];
  List<Message> messages = new ArrayList<>(4);

  /** In the limit's document: how many have a permit. */
  int taken;

  /** In each host's document: the epoch of its agent's newest session. */
  int[] epochs = {1, 1};

  /** By claim: the agent that made it, and in which session. */
  int[] claimAgents = new int[CLAIMS + 1];

  int[] claimEpochs = new int[CLAIMS + 1];

  /** How often each mishap may still happen. */
  int[] mishaps = new int[Mishap.ALL.length];

  /** The promise that the last step broke. */
  Promise broken = Promise.NONE_BROKEN;

  private final byte[] origin;

  private World(byte[] origin) {
    this.origin = origin;
    Arrays.setAll(jobs, _ -> new ModelJob());
    Arrays.setAll(agents, _ -> new ModelAgent());
    Arrays.setAll(errands, _ -> new Errand());
  }

  static World first(Bounds bounds) {
    var world = new World(new byte[0]);
    if (bounds.hosts() == Bounds.Hosts.ONE) {
      world.agents[1].end(ModelAgent.Life.ABSENT);
    }
    for (var mishap : Mishap.ALL) {
      world.mishaps[at(mishap)] = bounds.most(mishap);
    }
    return of(world.bytes());
  }

  static World of(byte[] bytes) {
    var world = new World(bytes);
    world.pass(Cells.toRead(bytes));
    return world;
  }

  /** The same world once more, as it was before anything was changed. */
  World copy() {
    return of(origin);
  }

  byte[] bytes() {
    putInOrder();
    var cells = Cells.toWrite();
    pass(cells);
    return cells.written();
  }

  private void pass(Cells c) {
    for (var job : jobs) {
      job.pass(c);
    }
    for (var agent : agents) {
      agent.pass(c);
    }
    for (var errand : errands) {
      errand.pass(c);
    }
    messages = c.passMessages(messages);
    taken = c.pass(taken);
    epochs = c.pass(epochs);
    claimAgents = c.pass(claimAgents);
    claimEpochs = c.pass(claimEpochs);
    mishaps = c.pass(mishaps);
    broken = c.pass(broken, Promise.ALL);
  }

  private void putInOrder() {
    if (messages.size() > 1) {
      messages.sort(null);
    }
    for (var agent : agents) {
      if (agent.holds.size() > 1) {
        agent.holds.sort(null);
      }
    }
    if (errands[0].compareTo(errands[1]) > 0) {
      var first = errands[0];
      errands[0] = errands[1];
      errands[1] = first;
    }
    var named = namedClaims();
    for (var claim = 1; claim <= CLAIMS; claim++) {
      if ((named & (1 << claim)) == 0) {
        claimAgents[claim] = 0;
        claimEpochs[claim] = 0;
      }
    }
  }

  /** The claims that something still names, a bit for each. */
  private int namedClaims() {
    var named = 1;
    for (var job : jobs) {
      named |= (1 << job.lease.claim()) | (1 << job.permit.claim());
      named |= (1 << job.toFree[0].claim()) | (1 << job.toFree[1].claim());
    }
    for (var agent : agents) {
      named |= (1 << agent.awaits) | agent.open;
      for (var hold : agent.holds) {
        named |= 1 << hold.claim();
      }
    }
    for (var errand : errands) {
      if (errand.kind != Errand.Kind.IDLE) {
        named |= (1 << errand.claim()) | errand.claims;
      }
    }
    for (var message : messages) {
      named |= message.claims();
    }
    return named;
  }

  /** A number for a new claim; 0 if all are in use. */
  int newClaim(int agent) {
    var named = namedClaims();
    for (var claim = 1; claim <= CLAIMS; claim++) {
      if ((named & (1 << claim)) == 0) {
        claimAgents[claim] = agent;
        claimEpochs[claim] = agents[agent].epoch;
        return claim;
      }
    }
    return 0;
  }

  Errand idleErrand() {
    for (var errand : errands) {
      if (errand.kind == Errand.Kind.IDLE) {
        return errand;
      }
    }
    throw new IllegalStateException("Both supervisors are busy.");
  }

  boolean hasIdleSupervisor() {
    return errands[0].kind == Errand.Kind.IDLE || errands[1].kind == Errand.Kind.IDLE;
  }

  boolean isIdle() {
    return errands[0].kind == Errand.Kind.IDLE && errands[1].kind == Errand.Kind.IDLE;
  }

  /** Puts a call on its way; one that is on its way already stays one. */
  void send(Message message) {
    if (messages.size() < CALLS && !messages.contains(message)) {
      messages.add(message);
    }
  }

  boolean has(Mishap mishap) {
    return mishaps[at(mishap)] > 0;
  }

  int left(Mishap mishap) {
    return mishaps[at(mishap)];
  }

  void spend(Mishap mishap) {
    mishaps[at(mishap)]--;
  }

  /** From now on all goes well. */
  byte[] calmed() {
    Arrays.fill(mishaps, 0);
    return bytes();
  }

  void breaks(Promise promise) {
    if (broken == Promise.NONE_BROKEN) {
      broken = promise;
    }
  }

  /** What there is, by name: for the comparison of two worlds in a trace. */
  Map<String, String> described() {
    var all = new LinkedHashMap<String, String>();
    for (var j = 0; j < JOBS; j++) {
      all.put("job " + j, jobs[j].toString());
    }
    all.put("permits taken", Integer.toString(taken));
    for (var a = 0; a < AGENTS; a++) {
      all.put("agent " + a, agents[a].toString());
    }
    all.put("supervisors", errands[0] + " | " + errands[1]);
    all.put("calls", messages.toString());
    return all;
  }

  @SuppressWarnings("EnumOrdinal")
  private static int at(Mishap mishap) {
    return mishap.ordinal();
  }
}
