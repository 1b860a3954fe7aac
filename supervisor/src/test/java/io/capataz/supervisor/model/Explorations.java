package io.capataz.supervisor.model;

import static io.capataz.supervisor.model.Bounds.Mishap.CANCEL;
import static io.capataz.supervisor.model.Bounds.Mishap.CRASH;
import static io.capataz.supervisor.model.Bounds.Mishap.DUPLICATE;
import static io.capataz.supervisor.model.Bounds.Mishap.FAILURE;
import static io.capataz.supervisor.model.Bounds.Mishap.FORCE;
import static io.capataz.supervisor.model.Bounds.Mishap.GIVE_BACK;
import static io.capataz.supervisor.model.Bounds.Mishap.HASTE;
import static io.capataz.supervisor.model.Bounds.Mishap.LOSS;
import static io.capataz.supervisor.model.Bounds.Mishap.RESTART;
import static io.capataz.supervisor.model.Bounds.Mishap.SECOND_PROCESS;
import static io.capataz.supervisor.model.Bounds.Mishap.SILENCE;

import io.capataz.supervisor.model.Bounds.Detail;
import io.capataz.supervisor.model.Bounds.Hosts;
import java.util.List;

/** Worlds worth exploring: each small enough to be explored to its end. */
final class Explorations {

  // One job, no limit: fences, ends, sessions.

  static final Bounds TWICE =
      Bounds.of(1, 0, 1, Hosts.POOL)
          .with(Detail.STARTS)
          .with(DUPLICATE, 1)
          .named("calls arrive twice");

  static final Bounds FAILS_TWICE =
      Bounds.of(1, 0, 2, Hosts.ONE)
          .with(Detail.STARTS)
          .with(DUPLICATE, 1)
          .with(FAILURE, 2)
          .named("scripts fail, calls arrive twice");

  static final Bounds LOST =
      Bounds.of(1, 0, 1, Hosts.ONE)
          .with(RESTART, 1)
          .with(SILENCE, 1)
          .with(CRASH, 1)
          .named("agents die and are silent");

  static final Bounds RETRIED =
      Bounds.of(1, 0, 2, Hosts.POOL)
          .retryingLost()
          .with(SILENCE, 1)
          .with(HASTE, 1)
          .named("a lost attempt is retried elsewhere");

  static final Bounds RETRIED_OFTEN =
      Bounds.of(1, 0, 2, Hosts.ONE)
          .retryingLost()
          .with(SILENCE, 2)
          .with(FAILURE, 1)
          .with(GIVE_BACK, 1)
          .with(HASTE, 1)
          .named("lost, failed and given back");

  static final Bounds CANCELED =
      Bounds.of(1, 0, 2, Hosts.ONE)
          .retryingLost()
          .with(Detail.STARTS)
          .with(CANCEL, 1)
          .with(SILENCE, 1)
          .with(CRASH, 1)
          .with(FAILURE, 1)
          .named("canceled while it is lost or fails");

  static final Bounds GIVEN_BACK =
      Bounds.of(1, 0, 1, Hosts.ONE)
          .with(CANCEL, 1)
          .with(GIVE_BACK, 1)
          .with(DUPLICATE, 1)
          .with(HASTE, 1)
          .named("given back and canceled");

  static final Bounds FORCED =
      Bounds.of(1, 0, 1, Hosts.POOL)
          .with(FORCE, 1)
          .with(DUPLICATE, 1)
          .with(LOSS, 1)
          .named("ended by force, calls are lost");

  static final Bounds CRASHES =
      Bounds.of(1, 0, 1, Hosts.POOL).with(CRASH, 2).named("supervisors die");

  static final Bounds SECOND_AGENT =
      Bounds.of(1, 0, 1, Hosts.ONE)
          .with(SECOND_PROCESS, 1)
          .with(CRASH, 1)
          .named("two processes of one agent");

  static final Bounds OWN_HOSTS =
      Bounds.of(2, 0, 1, Hosts.OWN).with(FAILURE, 1).named("two hosts, two queues");

  // Agents that write down what they do.

  static final Bounds COMES_BACK =
      Bounds.of(2, 0, 1, Hosts.ONE)
          .with(Detail.NOTES)
          .with(RESTART, 2)
          .named("agents die and ask again for what they claimed");

  static final Bounds COMES_BACK_LATE =
      Bounds.of(1, 0, 2, Hosts.ONE)
          .retryingLost()
          .with(Detail.NOTES)
          .with(RESTART, 1)
          .with(SILENCE, 1)
          .with(LOSS, 1)
          .named("agents ask again, late or in vain");

  static final Bounds COMES_BACK_TWICE =
      Bounds.of(1, 0, 1, Hosts.ONE)
          .with(Detail.NOTES)
          .with(RESTART, 1)
          .with(DUPLICATE, 1)
          .with(GIVE_BACK, 1)
          .with(CANCEL, 1)
          .named("agents ask again, calls arrive twice");

  static final Bounds COMES_BACK_TO_A_SEAT =
      Bounds.of(2, 1, 1, Hosts.ONE)
          .with(Detail.NOTES)
          .with(RESTART, 1)
          .with(CRASH, 1)
          .named("one permit, agents die and ask again");

  // Announcements.

  static final Bounds ANNOUNCED =
      Bounds.of(1, 0, 1, Hosts.POOL)
          .with(Detail.ANNOUNCEMENTS)
          .with(CRASH, 1)
          .with(LOSS, 1)
          .named("announced to a pool");

  static final Bounds ANNOUNCED_AGAIN =
      Bounds.of(1, 0, 1, Hosts.ONE)
          .with(Detail.ANNOUNCEMENTS)
          .with(CRASH, 1)
          .with(GIVE_BACK, 1)
          .named("announced again");

  // Two jobs, one permit.

  static final Bounds SEAT =
      Bounds.of(2, 1, 1, Hosts.POOL).named("one permit, two hosts, all is well");

  static final Bounds SEAT_OF_THE_DEAD =
      Bounds.of(2, 1, 2, Hosts.ONE)
          .with(CRASH, 1)
          .with(FAILURE, 1)
          .with(HASTE, 1)
          .named("one permit, supervisors die and are hasty");

  static final Bounds SEAT_TWICE =
      Bounds.of(1, 1, 2, Hosts.ONE)
          .with(CRASH, 1)
          .with(FAILURE, 1)
          .with(DUPLICATE, 1)
          .named("one permit, calls arrive twice");

  static final Bounds SEAT_SHARED =
      Bounds.of(2, 1, 1, Hosts.ONE)
          .with(DUPLICATE, 1)
          .named("one permit, a claim is served twice at once");

  static final Bounds SEAT_CRASHES =
      Bounds.of(1, 1, 2, Hosts.ONE)
          .with(CRASH, 1)
          .with(FAILURE, 1)
          .named("one permit, supervisors die");

  static final Bounds SEAT_LOST =
      Bounds.of(2, 1, 1, Hosts.ONE).with(LOSS, 1).named("one permit, calls are lost");

  static final Bounds SEAT_WANTED =
      Bounds.of(2, 1, 1, Hosts.ONE)
          .with(FORCE, 1)
          .with(CANCEL, 1)
          .named("one permit, canceled and forced");

  static final Bounds SEAT_LEFT_BEHIND =
      Bounds.of(2, 1, 2, Hosts.ONE)
          .retryingLost()
          .with(SILENCE, 1)
          .with(CRASH, 1)
          .named("one permit, lost and retried");

  static final Bounds SEAT_RESTARTED =
      Bounds.of(2, 1, 1, Hosts.ONE).with(RESTART, 1).with(CRASH, 1).named("one permit, agents die");

  static final Bounds SEAT_OF_TWO =
      Bounds.of(2, 1, 1, Hosts.ONE)
          .with(SECOND_PROCESS, 1)
          .named("one permit, two processes of one agent");

  static final Bounds SEAT_GIVEN_BACK =
      Bounds.of(1, 1, 1, Hosts.ONE)
          .with(GIVE_BACK, 1)
          .with(DUPLICATE, 1)
          .with(CRASH, 1)
          .with(HASTE, 1)
          .named("one permit, given back");

  static final Bounds SEAT_IN_A_POOL =
      Bounds.of(2, 1, 1, Hosts.POOL).with(CRASH, 1).named("one permit in a pool, supervisors die");

  static final Bounds SEAT_ANNOUNCED =
      Bounds.of(2, 1, 1, Hosts.ONE)
          .slots(1)
          .with(Detail.ANNOUNCEMENTS)
          .with(CRASH, 1)
          .named("one permit, announced");

  static final Bounds TWO_SEATS = Bounds.of(1, 2, 1, Hosts.POOL).named("two permits, two hosts");

  /** For every build. */
  static final List<Bounds> SMALL =
      List.of(
          TWICE,
          FAILS_TWICE,
          LOST,
          RETRIED,
          RETRIED_OFTEN,
          CANCELED,
          GIVEN_BACK,
          FORCED,
          CRASHES,
          SECOND_AGENT,
          OWN_HOSTS,
          COMES_BACK,
          COMES_BACK_LATE,
          COMES_BACK_TWICE,
          COMES_BACK_TO_A_SEAT,
          ANNOUNCED,
          ANNOUNCED_AGAIN,
          SEAT,
          SEAT_OF_THE_DEAD,
          SEAT_TWICE,
          SEAT_SHARED,
          SEAT_CRASHES,
          SEAT_LOST,
          SEAT_WANTED,
          SEAT_LEFT_BEHIND,
          SEAT_RESTARTED,
          SEAT_OF_TWO,
          SEAT_GIVEN_BACK,
          SEAT_IN_A_POOL,
          SEAT_ANNOUNCED,
          TWO_SEATS);

  /** For the long run; the last one is not explored to its end by anybody. */
  static final List<Bounds> LARGE =
      List.of(
          Bounds.of(1, 0, 2, Hosts.POOL)
              .with(Detail.STARTS)
              .with(DUPLICATE, 1)
              .with(FAILURE, 1)
              .named("one job in a pool, fails, calls arrive twice"),
          Bounds.of(1, 0, 1, Hosts.POOL)
              .with(Detail.STARTS)
              .with(CANCEL, 1)
              .with(GIVE_BACK, 1)
              .with(DUPLICATE, 1)
              .named("one job in a pool, given back and canceled"),
          Bounds.of(1, 0, 2, Hosts.POOL)
              .retryingLost()
              .with(RESTART, 1)
              .with(SILENCE, 1)
              .with(CANCEL, 1)
              .named("one job in a pool, lost, retried and canceled"),
          Bounds.of(1, 0, 2, Hosts.POOL)
              .retryingLost()
              .with(Detail.NOTES)
              .with(RESTART, 1)
              .with(SILENCE, 1)
              .with(LOSS, 1)
              .named("one job in a pool, agents ask again, late or in vain"),
          Bounds.of(2, 1, 2, Hosts.POOL)
              .retryingLost()
              .with(SILENCE, 1)
              .named("one permit in a pool, lost and retried"),
          Bounds.of(2, 1, 1, Hosts.ONE)
              .with(CRASH, 1)
              .with(HASTE, 1)
              .with(DUPLICATE, 1)
              .named("one permit, supervisors die, calls arrive twice"),
          Bounds.of(2, 1, 2, Hosts.POOL)
              .retryingLost()
              .with(Detail.STARTS, Detail.ANNOUNCEMENTS, Detail.NOTES)
              .with(CRASH, 2)
              .with(LOSS, 2)
              .with(DUPLICATE, 2)
              .with(HASTE, 2)
              .with(RESTART, 1)
              .with(SILENCE, 2)
              .with(FAILURE, 1)
              .with(GIVE_BACK, 1)
              .with(CANCEL, 1)
              .with(FORCE, 1)
              .named("everything at once"));

  private Explorations() {}
}
