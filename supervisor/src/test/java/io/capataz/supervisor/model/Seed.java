package io.capataz.supervisor.model;

import static io.capataz.supervisor.job.JobMove.ASSIGN;
import static io.capataz.supervisor.job.JobMove.CANCEL;
import static io.capataz.supervisor.job.JobMove.COME_DUE;
import static io.capataz.supervisor.job.JobMove.FAIL;
import static io.capataz.supervisor.job.JobMove.FORCE;
import static io.capataz.supervisor.job.JobMove.GIVE_BACK;
import static io.capataz.supervisor.job.JobMove.LOSE_TOUCH;
import static io.capataz.supervisor.job.JobMove.REGAIN_CLAIM;
import static io.capataz.supervisor.job.JobMove.REGAIN_RUN;
import static io.capataz.supervisor.job.JobMove.RETRY;
import static io.capataz.supervisor.job.JobMove.START;
import static io.capataz.supervisor.job.JobMove.STOP;
import static io.capataz.supervisor.job.JobMove.SUCCEED;
import static io.capataz.supervisor.job.JobMove.SUCCEED_LATE;

import io.capataz.supervisor.job.JobMove;
import io.capataz.supervisor.model.Guard.Rule;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A fault put in on purpose: a guard that is left out.
 *
 * @param guard what is left out
 * @param where the exploration that must find it
 * @param net another guard that would catch most of it; left out as well, and the exploration keeps
 *     its promises without it
 */
public record Seed(Guard guard, Bounds where, Optional<Guard> net) {

  static final List<Seed> ALL = all();

  /** Guards that can be left out without any promise of the model being broken, and why. */
  static final Map<Guard, String> SPARE =
      Map.of(
          new Guard.Fence(JobMove.FORCE),
          "the caller who forces an end has seen one attempt; ending a later one instead"
              + " surprises them, but breaks no promise",
          new Guard.Claim(),
          "the attempt alone tells attempts apart; the claim proves who speaks, and agents of the"
              + " model do not lie",
          Rule.ASSIGN_DEMANDS_NO_STOP,
          "no job that was to stop comes back to READY, as RETRY and GIVE_BACK see to",
          Rule.FREE_NAMES_THE_CLAIM,
          "the generation alone tells permits apart, because who takes one away raises it first",
          Rule.LEASE_NAMES_THE_TURN,
          "a permit of an older generation is there only while nothing is under way",
          Rule.CURRENT_SESSION_ONLY,
          "what an old session is granted is lost by the next heartbeat; the check ends the older"
              + " of two processes, and spares a job its loss",
          Rule.FORCE_RAISES_THE_FENCE,
          "no move leaves CANCELED, whatever the fence");

  /** Moves that are not modelled: no other process takes part in them. */
  static final Set<JobMove> NOT_MODELLED =
      EnumSet.of(
          JobMove.HOLD,
          JobMove.RELEASE,
          JobMove.POSTPONE,
          JobMove.EXPIRE,
          JobMove.APPROVE,
          JobMove.REJECT,
          JobMove.SUPPLY,
          JobMove.ELAPSE);

  private static List<Seed> all() {
    var seeds = new ArrayList<Seed>();
    seeds.add(state(COME_DUE, Explorations.CANCELED));
    seeds.add(state(ASSIGN, Explorations.CANCELED));
    seeds.add(state(START, Explorations.TWICE));
    seeds.add(state(GIVE_BACK, Explorations.GIVEN_BACK));
    seeds.add(state(LOSE_TOUCH, Explorations.CANCELED));
    seeds.add(state(REGAIN_CLAIM, Explorations.CANCELED));
    seeds.add(state(REGAIN_RUN, Explorations.CANCELED));
    seeds.add(state(SUCCEED, Explorations.CANCELED));
    seeds.add(state(FAIL, Explorations.LOST));
    seeds.add(state(STOP, Explorations.CANCELED));
    seeds.add(state(RETRY, Explorations.CANCELED));
    seeds.add(state(SUCCEED_LATE, Explorations.CANCELED));
    seeds.add(state(CANCEL, Explorations.CANCELED));
    seeds.add(state(FORCE, Explorations.SEAT_WANTED));

    seeds.add(fence(START, Explorations.FAILS_TWICE));
    seeds.add(fence(GIVE_BACK, Explorations.GIVEN_BACK));
    seeds.add(fence(LOSE_TOUCH, Explorations.RETRIED_OFTEN));
    seeds.add(fence(REGAIN_CLAIM, Explorations.RETRIED_OFTEN));
    seeds.add(fence(REGAIN_RUN, Explorations.RETRIED_OFTEN));
    seeds.add(fence(SUCCEED, Explorations.CANCELED));
    seeds.add(fence(FAIL, Explorations.SEAT_TWICE));
    seeds.add(fence(STOP, Explorations.GIVEN_BACK));
    seeds.add(fence(RETRY, Explorations.RETRIED_OFTEN));
    seeds.add(fence(SUCCEED_LATE, Explorations.RETRIED_OFTEN));
    seeds.add(of(new Guard.Attempt(), Explorations.FAILS_TWICE));

    seeds.add(of(Rule.ASSIGN_DEMANDS_THE_LINE, Explorations.OWN_HOSTS));
    seeds.add(of(Rule.ASSIGN_DEMANDS_THE_TURN, Explorations.SEAT_OF_THE_DEAD));
    seeds.add(of(Rule.ASSIGN_RAISES_THE_TURN, Explorations.SEAT_OF_THE_DEAD));
    seeds.add(of(Rule.RETRY_DEMANDS_NO_STOP, Explorations.CANCELED));
    seeds.add(of(Rule.GIVE_BACK_DEMANDS_NO_STOP, Explorations.GIVEN_BACK));
    seeds.add(of(Rule.ATTEMPTS_ARE_COUNTED, Explorations.FAILS_TWICE));

    seeds.add(of(Rule.SEATS_ARE_COUNTED, Explorations.SEAT));
    seeds.add(of(Rule.ONE_SEAT_A_JOB, Explorations.TWO_SEATS));
    seeds.add(of(Rule.SEAT_IS_NOT_SHARED, Explorations.SEAT_SHARED));
    seeds.add(of(Rule.FREE_NAMES_THE_TURN, Explorations.SEAT_OF_THE_DEAD));
    seeds.add(of(Rule.REAPER, Explorations.SEAT_OF_THE_DEAD));
    seeds.add(of(Rule.REAPER_SEES_ENDED, Explorations.SEAT_TWICE));
    seeds.add(of(Rule.REAPER_RAISES_THE_TURN, Explorations.SEAT_OF_THE_DEAD));
    seeds.add(of(Rule.REAPER_SETS_A_MARK, Explorations.SEAT_ANNOUNCED));
    seeds.add(of(Rule.EFFECT_WITH_THE_MOVE, Explorations.SEAT_CRASHES, Rule.REAPER_SEES_ENDED));
    seeds.add(of(Rule.EFFECT_STAYS_UNTIL_DONE, Explorations.SEAT_CRASHES, Rule.REAPER_SEES_ENDED));
    seeds.add(of(Rule.EFFECT_SWEEP, Explorations.SEAT_OF_THE_DEAD));
    seeds.add(of(Rule.FREE_LETS_IN, Explorations.SEAT));
    seeds.add(of(Rule.PARK_LOOKS_AGAIN, Explorations.SEAT));
    seeds.add(of(Rule.LINE_SWEEP, Explorations.SEAT_OF_THE_DEAD));

    seeds.add(of(Rule.MARK_WITH_THE_INSERT, Explorations.ANNOUNCED));
    seeds.add(of(Rule.UNPARK_SETS_A_MARK, Explorations.SEAT_ANNOUNCED));
    seeds.add(of(Rule.MARK_IS_CLEARED_BY_NUMBER, Explorations.ANNOUNCED_AGAIN));
    seeds.add(of(Rule.MARK_NUMBERS_GROW, Explorations.ANNOUNCED_AGAIN));
    seeds.add(of(Rule.ANNOUNCE_SWEEP, Explorations.ANNOUNCED_AGAIN));
    seeds.add(of(Rule.SYNC, Explorations.ANNOUNCED));

    seeds.add(of(Rule.SAME_CLAIM_SAME_ANSWER, Explorations.CRASHES, Rule.UNKNOWN_IS_LOST));
    seeds.add(of(Rule.CALL_IS_REPEATED, Explorations.SEAT_LOST));
    seeds.add(of(Rule.UNKNOWN_IS_LOST, Explorations.LOST));
    seeds.add(of(Rule.MOVE_LEAVES_A_TRACE, Explorations.SEAT_LOST));
    seeds.add(of(Rule.CANCEL_ASKS_AGAIN, Explorations.CANCELED));

    seeds.add(of(Rule.OPENING_LOSES, Explorations.COMES_BACK));
    seeds.add(of(Rule.OPENING_SPARES_CLAIMS, Explorations.COMES_BACK));
    seeds.add(of(Rule.OPENING_LOSES_WHAT_WAS_BEGUN, Explorations.COMES_BACK));
    seeds.add(of(Rule.CLAIMS_COME_BEFORE_BEATS, Explorations.COMES_BACK));
    return List.copyOf(seeds);
  }

  private static Seed state(JobMove move, Bounds where) {
    return of(new Guard.State(move), where);
  }

  private static Seed fence(JobMove move, Bounds where) {
    return of(new Guard.Fence(move), where);
  }

  private static Seed of(Guard guard, Bounds where) {
    return new Seed(guard, where, Optional.empty());
  }

  private static Seed of(Guard guard, Bounds where, Guard net) {
    return new Seed(guard, where, Optional.of(net));
  }

  /** The protocol without the guard, and without its net. */
  Model sown() {
    return new Model(
        where, net.map(n -> Guards.without(guard, n)).orElseGet(() -> Guards.without(guard)));
  }

  String fileName() {
    return guard.toString().replaceAll("[^A-Za-z_]+", "_") + ".txt";
  }

  @Override
  public String toString() {
    return guard.said() + net.map(n -> "; nor that " + n.said()).orElse("");
  }
}
