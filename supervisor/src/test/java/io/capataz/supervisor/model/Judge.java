package io.capataz.supervisor.model;

import io.capataz.supervisor.job.JobState;
import io.capataz.supervisor.model.Bounds.Detail;
import io.capataz.supervisor.model.Bounds.Mishap;
import io.capataz.supervisor.model.Model.Part;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Says of a world whether all promises are kept in it, and whether from it on every job comes to an
 * end.
 *
 * <p>The second is tried: from here on all goes well, one thing happens after the other in a fixed
 * order, until nothing is left to happen. That shows what is stuck for ever. It does not show what
 * some other order might keep going round.
 */
final class Judge {

  /** More steps than a world that comes to rest needs. */
  private static final int NEVER_RESTS = 600;

  /** How many steps of a way that never ends are told. */
  private static final int ENOUGH = 40;

  private static final Set<Mishap> HARMLESS =
      EnumSet.of(Mishap.FAILURE, Mishap.GIVE_BACK, Mishap.HASTE);

  /** After these a record may be gone, or nobody may be there who heard it. */
  private static final Set<Mishap> LOSES_RECORDS =
      EnumSet.of(Mishap.LOSS, Mishap.RESTART, Mishap.SECOND_PROCESS, Mishap.SILENCE);

  private final Model model;

  /** Worlds that come to a good end, by what may happen on the way: each way is gone once. */
  private final Map<Promise, Fingerprints> ends = new EnumMap<>(Promise.class);

  /** By job: worlds from which on it is run and ends well. */
  private final Fingerprints[] runs = {new Fingerprints(), new Fingerprints()};

  Judge(Model model) {
    this.model = model;
  }

  Promise judge(World world, byte[] bytes) {
    if (world.broken != Promise.NONE_BROKEN) {
      return world.broken;
    }
    var now = judgeNow(world);
    if (now != Promise.NONE_BROKEN) {
      return now;
    }
    var promised = endPromised(world);
    if (!comesToItsEnd(bytes, promised)) {
      return comesToItsEnd(bytes, Promise.EVERY_JOB_ENDS) ? promised : Promise.EVERY_JOB_ENDS;
    }
    for (var j = 0; j < model.bounds().jobs(); j++) {
      if (isToBeRun(world, j) && !isRun(bytes, j)) {
        return Promise.CLAIMED_IS_RUN;
      }
    }
    return Promise.NONE_BROKEN;
  }

  /** Whether an agent that is started anew will ask for this job, and nothing else is about. */
  private static boolean isToBeRun(World world, int j) {
    var job = world.jobs[j];
    if (job.state != JobState.ASSIGNED || job.stop || !world.isIdle()) {
      return false;
    }
    for (var agent : world.agents) {
      if (agent.life == ModelAgent.Life.OPENING
          && (agent.open & (1 << job.lease.claim())) != 0
          && agent.begun[j] != job.attempt) {
        return true;
      }
    }
    return false;
  }

  private Promise judgeNow(World world) {
    var underWay = 0;
    var permits = 0;
    for (var job : world.jobs) {
      underWay += job.isUnderWay() ? 1 : 0;
      permits += job.permit.isTaken() ? 1 : 0;
      if (model.bounds().has(Detail.ANNOUNCEMENTS)
          && job.isInItsHomeLine()
          && job.outbox == 0
          && !job.told) {
        return Promise.WAITING_IS_KNOWN;
      }
    }
    if (model.bounds().isLimited() && underWay > model.bounds().permits()) {
      return Promise.LIMIT_HOLDS;
    }
    return permits == world.taken ? Promise.NONE_BROKEN : Promise.SEATS_ARE_HELD;
  }

  /** The strongest promise of an end that still holds after what went wrong so far. */
  private Promise endPromised(World world) {
    var promised = Promise.NEEDS_NO_SWEEP;
    for (var mishap : Mishap.ALL) {
      if (world.left(mishap) == model.bounds().most(mishap) || HARMLESS.contains(mishap)) {
        continue;
      }
      if (LOSES_RECORDS.contains(mishap)) {
        return Promise.EVERY_JOB_ENDS;
      }
      promised = Promise.NEEDS_NO_SYNC;
    }
    return promised;
  }

  private static boolean mayHappen(Part part, Promise promised) {
    return switch (part) {
      case WISHES, MISHAPS -> false;
      case EFFECTS, REAPER, QUEUES -> promised != Promise.NEEDS_NO_SWEEP;
      case SYNC -> promised == Promise.EVERY_JOB_ENDS || promised == Promise.CLAIMED_IS_RUN;
      case STEPS, CALLS, SCRIPTS, HEARTBEATS, OPENINGS, CLOCK, MARKS, RECORDS, CLAIMS -> true;
    };
  }

  private boolean comesToItsEnd(byte[] world, Promise promised) {
    return leadsTo(
        world,
        promised,
        Judge::isAtItsEnd,
        ends.computeIfAbsent(promised, _ -> new Fingerprints()));
  }

  private boolean isRun(byte[] world, int j) {
    return leadsTo(
        world, Promise.CLAIMED_IS_RUN, end -> end.jobs[j].state == JobState.SUCCEEDED, runs[j]);
  }

  private boolean leadsTo(
      byte[] world, Promise promised, Predicate<World> end, Fingerprints known) {
    var way = new ArrayList<Long>();
    var now = World.of(world).calmed();
    while (known.isNew(Fingerprints.of(now))) {
      way.add(Fingerprints.of(now));
      var next = next(now, promised);
      if (next.isEmpty()) {
        if (!end.test(World.of(now))) {
          return false;
        }
        break;
      }
      if (way.size() > NEVER_RESTS) {
        return false;
      }
      if (next.get().world(0).broken != Promise.NONE_BROKEN) {
        // Another promise, and by a way that is not the shortest: it will be come by.
        break;
      }
      now = next.get().bytes(0);
    }
    way.forEach(known::add);
    return true;
  }

  /** The first thing that may happen. */
  private Optional<Successors> next(byte[] now, Promise promised) {
    var world = World.of(now);
    for (var part : Part.ALL) {
      if (mayHappen(part, promised)) {
        var successors = new Successors(now);
        model.next(world, part, successors);
        if (successors.size() > 0) {
          return Optional.of(successors);
        }
      }
    }
    return Optional.empty();
  }

  private static boolean isAtItsEnd(World world) {
    for (var job : world.jobs) {
      if (job.posted
          && (!ModelStore.isFinal(job.state) || job.permit.isTaken() || job.toFree[0].isTaken())) {
        return false;
      }
    }
    return true;
  }

  /** What happens from a world on that does not come to its end. */
  List<String> toldFrom(byte[] world, Promise broken) {
    var told = new ArrayList<String>();
    var now = World.of(world).calmed();
    while (told.size() < ENOUGH) {
      var next = next(now, broken);
      if (next.isEmpty()) {
        told.add("nothing more happens: " + World.of(now).described());
        return told;
      }
      told.add(next.get().told(0));
      now = next.get().bytes(0);
    }
    told.add("and so on for ever");
    return told;
  }
}
