package io.capataz.supervisor.model;

/**
 * A job's place among those of a limit that may run: under which claim, and in which generation of
 * the job, it was taken. Also what a lease says of how it came to be, and what the effect
 * <em>free</em> gives back.
 *
 * @param claim the claim's number, from 1; 0 for no permit
 * @param generation the job's generation that was read before the permit was taken
 */
public record Permit(int claim, int generation) {

  static final Permit NONE = new Permit(0, 0);

  private static final int MOST = 16;
  private static final Permit[] ALL = new Permit[MOST * MOST];

  static {
    for (var i = 0; i < ALL.length; i++) {
      ALL[i] = i == 0 ? NONE : new Permit(i / MOST, i % MOST);
    }
  }

  static Permit of(int claim, int generation) {
    return ALL[claim * MOST + generation];
  }

  boolean isTaken() {
    return claim != 0;
  }

  @Override
  public String toString() {
    return isTaken() ? "(claim " + claim + ", generation " + generation + ")" : "none";
  }
}
