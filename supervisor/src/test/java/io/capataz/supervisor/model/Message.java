package io.capataz.supervisor.model;

import java.util.Comparator;

/**
 * A call of an agent that has not reached a supervisor yet. It may be lost, come late, and come
 * twice. The answer is not a message of its own: it is the last step of the errand that the call
 * leads to, and finds the agent waiting for it or not.
 *
 * @param kind what it says
 * @param agent whose it is
 * @param job of which job; in a claim, the session; in an opening, what was begun of job 0
 * @param attempt of which attempt; in a claim, how many free slots there are; in an opening, what
 *     was begun of job 1
 * @param claim under which claim; in an opening, the claims that will be made again, a bit for each
 */
record Message(Kind kind, int agent, int job, int attempt, int claim)
    implements Comparable<Message> {

  private static final Comparator<Message> ORDER =
      Comparator.comparing(Message::kind)
          .thenComparingInt(Message::agent)
          .thenComparingInt(Message::job)
          .thenComparingInt(Message::attempt)
          .thenComparingInt(Message::claim);

  /** What agents say. */
  enum Kind {
    OPEN,
    CLAIM,
    STARTED,
    SUCCEEDED,
    FAILED,
    STOPPED,
    GIVEN_BACK;

    static final Kind[] ALL = values();
  }

  static Message open(int agent, int claims, int[] begun) {
    return new Message(Kind.OPEN, agent, begun[0], begun[1], claims);
  }

  static Message claim(int agent, int session, int claim, int free) {
    return new Message(Kind.CLAIM, agent, session, free, claim);
  }

  static Message about(Hold hold, int agent, Kind kind) {
    return new Message(kind, agent, hold.job(), hold.attempt(), hold.claim());
  }

  /** A claim that is repeated is the same, although there may be more free slots meanwhile. */
  boolean isSameCallAs(Message other) {
    return kind == other.kind
        && agent == other.agent
        && job == other.job
        && claim == other.claim
        && (kind == Kind.CLAIM || attempt == other.attempt);
  }

  /** The claims that it names, a bit for each. */
  int claims() {
    return kind == Kind.OPEN ? claim : 1 << claim;
  }

  @Override
  public int compareTo(Message other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return switch (kind) {
      case OPEN -> "agent " + agent + " opens" + (claim == 0 ? "" : " and names claims");
      case CLAIM -> "agent %d claims under claim %d in session %d".formatted(agent, claim, job);
      case STARTED, SUCCEEDED, FAILED, STOPPED, GIVEN_BACK ->
          "agent %d: job %d attempt %d claim %d %s".formatted(agent, job, attempt, claim, kind);
    };
  }
}
