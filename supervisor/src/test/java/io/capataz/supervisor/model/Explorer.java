package io.capataz.supervisor.model;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Visits every world that can be reached, the nearest first, and has each judged. Of a world that
 * was visited only a fingerprint of 64 bits is kept: among ten million worlds, two of the same
 * fingerprint are met once in three hundred thousand runs.
 */
final class Explorer {

  private final Model model;
  private final long most;
  private final Judge judge;
  private final Fingerprints visited = new Fingerprints();

  /** By visited world: the one it was first reached from, and as which of those that follow it. */
  private final Ints from = new Ints();

  private final Ints choices = new Ints();

  /**
   * @param most end after this many worlds
   */
  Explorer(Model model, long most) {
    this.model = model;
    this.most = most;
    this.judge = new Judge(model);
  }

  /**
   * What was found.
   *
   * @param worlds how many different ones were visited
   * @param steps how many steps the farthest of them is away
   * @param complete whether there are no more
   * @param violation a broken promise and the shortest way to it
   */
  record Found(long worlds, int steps, boolean complete, Optional<Violation> violation) {}

  /**
   * A broken promise.
   *
   * @param promise which
   * @param steps what happened until it was clear that it would be broken
   * @param rest what happens then although all goes well, if the promise was of an end
   */
  record Violation(Promise promise, List<String> steps, List<String> rest) {
    @Override
    public String toString() {
      var text = new StringBuilder("broken: " + promise.meaning());
      for (var i = 0; i < steps.size(); i++) {
        text.append("\n  %d. %s".formatted(i + 1, steps.get(i)));
      }
      if (!rest.isEmpty()) {
        text.append("\n  From here on all goes well:");
        rest.forEach(step -> text.append("\n  - ").append(step));
      }
      return text.toString();
    }
  }

  Found explore() {
    var first = World.first(model.bounds()).bytes();
    var frontier = new ArrayDeque<byte[]>();
    note(first, -1, 0);
    frontier.add(first);
    var steps = 0;
    var lastOfThisStep = 0;
    // Worlds are left in the order in which they were come by, so that counting tells which it is.
    for (var number = 0; !frontier.isEmpty(); number++) {
      if (number > lastOfThisStep) {
        steps++;
        lastOfThisStep = from.size() - 1;
      }
      var now = frontier.remove();
      var successors = new Successors(now);
      model.next(World.of(now), successors);
      for (var choice = 0; choice < successors.size(); choice++) {
        var bytes = successors.bytes(choice);
        if (!note(bytes, number, choice)) {
          continue;
        }
        var broken = judge.judge(successors.world(choice), bytes);
        if (broken != Promise.NONE_BROKEN) {
          return new Found(from.size(), steps + 1, false, Optional.of(violation(broken, bytes)));
        }
        if (from.size() >= most) {
          return new Found(from.size(), steps, false, Optional.empty());
        }
        frontier.add(bytes);
      }
    }
    return new Found(from.size(), steps, true, Optional.empty());
  }

  /** False if it was visited before. */
  private boolean note(byte[] world, int before, int choice) {
    if (!visited.add(Fingerprints.of(world))) {
      return false;
    }
    from.add(before);
    choices.add(choice);
    return true;
  }

  /** The way to the world visited last, gone once more. */
  private Violation violation(Promise broken, byte[] last) {
    var way = new ArrayList<Integer>();
    for (var at = from.size() - 1; from.get(at) >= 0; at = from.get(at)) {
      way.add(choices.get(at));
    }
    Collections.reverse(way);
    var told = new ArrayList<String>();
    var now = World.first(model.bounds()).bytes();
    for (var choice : way) {
      var successors = new Successors(now);
      model.next(World.of(now), successors);
      told.add(successors.told(choice));
      now = successors.bytes(choice);
    }
    return new Violation(
        broken, told, broken.isOfAnEnd() ? judge.toldFrom(last, broken) : List.of());
  }
}
