package io.capataz.supervisor.model;

/**
 * A job's place among those of a limit that may run: under which claim, and in which turn of the
 * job, it was taken. Also what a lease says of how it came to be, and what the effect <em>free</em>
 * gives back.
 *
 * @param claim the claim's number, from 1; 0 for no seat
 * @param turn the job's turn that was read before the seat was taken
 */
public record Seat(int claim, int turn) {

  static final Seat NONE = new Seat(0, 0);

  private static final int MOST = 16;
  private static final Seat[] ALL = new Seat[MOST * MOST];

  static {
    for (var i = 0; i < ALL.length; i++) {
      ALL[i] = i == 0 ? NONE : new Seat(i / MOST, i % MOST);
    }
  }

  static Seat of(int claim, int turn) {
    return ALL[claim * MOST + turn];
  }

  boolean isTaken() {
    return claim != 0;
  }

  @Override
  public String toString() {
    return isTaken() ? "(claim " + claim + ", turn " + turn + ")" : "none";
  }
}
