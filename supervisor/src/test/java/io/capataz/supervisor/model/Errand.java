package io.capataz.supervisor.model;

import io.capataz.supervisor.job.JobMove;
import java.util.Locale;

/**
 * What a supervisor is about, step by step, and what it has read meanwhile. When the supervisor
 * dies, all of this is gone and only what it wrote is left.
 */
final class Errand implements Comparable<Errand> {

  /** What it is about. */
  enum Kind {
    IDLE,
    CREATE,
    ANNOUNCE,
    CLAIM,
    START,
    REPORT,
    REGAIN,
    LOSE_TOUCH,
    OPEN,
    COME_DUE,
    CANCEL,
    FORCE,
    EFFECT,
    REAP,
    LET_IN;

    static final Kind[] ALL = values();
  }

  /** What it does next. Each is one read, one write, or one answer. */
  enum Step {
    PUBLISH(true),
    CLEAR_MARK(true),
    CHECK_SESSION(false),
    LOOK_FOR_EARLIER_GRANTS(false),
    READ_CANDIDATES(false),
    READ_NEXT_CANDIDATE(false),
    TAKE_SEAT(true),
    ASSIGN(true),
    PARK(true),
    DECIDE(false),
    MOVE(true),
    WRITE_EFFECT(true),
    ANSWER(false),
    FREE_SEAT(true),
    LOOK_AT_LINE(false),
    UNPARK(true),
    PULL_EFFECT(true),
    RAISE_TURN(true),
    CALL_OFF(true),
    ASK_TO_STOP(true),
    LOOK_WHETHER_ENDED(false),
    RAISE_EPOCH(true),
    READ_WHAT_IT_HELD(false),
    NEXT_IT_HELD(false);

    static final Step[] ALL = values();

    private final boolean writes;

    Step(boolean writes) {
      this.writes = writes;
    }

    boolean writes() {
      return writes;
    }
  }

  /** What is said of an attempt's end. */
  enum Said {
    SUCCEEDED,
    FAILED,
    STOPPED,
    GIVEN_BACK,
    LOST;

    private static final Said[] ALL = values();
  }

  static final int NOBODY = -1;

  private static final JobMove[] MOVES = JobMove.values();

  Kind kind = Kind.IDLE;
  Step step = Step.PUBLISH;

  /** Whose call it is. */
  int agent;

  int job;
  int attempt;
  Permit permit = Permit.NONE;
  Said said = Said.SUCCEEDED;

  /** The move that was decided on. */
  JobMove move = JobMove.HOLD;

  /** After the answer nothing is left to be done: no move was made, or no permit was held. */
  boolean freesNothing;

  /** Jobs still to be looked at, a bit for each. */
  int left;

  /** The job to be let in. */
  int next = World.NONE;

  /** Of a session or of a mark. */
  int number;

  /** How many more may be granted. */
  int free;

  /** What is answered was granted when the claim was made before. */
  boolean repeated;

  /** It has changed something; who dies before that might as well not have begun. */
  boolean wrote;

  /** The attempts granted, or held, by job; 0 for none. */
  int[] attempts = {0, 0};

  /** The claims that an agent will make again, a bit for each. */
  int claims;

  /** What it had begun under these, by job. */
  int[] begun = {0, 0};

  void pass(Cells c) {
    kind = c.pass(kind, Kind.ALL);
    if (kind == Kind.IDLE) {
      return;
    }
    step = c.pass(step, Step.ALL);
    agent = c.pass(agent);
    job = c.pass(job);
    attempt = c.pass(attempt);
    permit = c.pass(permit);
    said = c.pass(said, Said.ALL);
    move = c.pass(move, MOVES);
    freesNothing = c.pass(freesNothing);
    left = c.pass(left);
    next = c.pass(next);
    number = c.pass(number);
    free = c.pass(free);
    repeated = c.pass(repeated);
    wrote = c.pass(wrote);
    attempts = c.pass(attempts);
    claims = c.pass(claims);
    begun = c.pass(begun);
  }

  /** Begins, in the name of nobody. */
  Errand begin(Kind kind, Step first, int job) {
    this.kind = kind;
    this.step = first;
    this.agent = NOBODY;
    this.job = job;
    attempt = 0;
    permit = Permit.NONE;
    said = Said.SUCCEEDED;
    move = JobMove.HOLD;
    freesNothing = false;
    left = 0;
    next = World.NONE;
    number = 0;
    free = 0;
    repeated = false;
    wrote = false;
    attempts[0] = 0;
    attempts[1] = 0;
    claims = 0;
    begun[0] = 0;
    begun[1] = 0;
    return this;
  }

  Errand by(int agent) {
    this.agent = agent;
    return this;
  }

  /** Remembers in whose name it speaks: the fence. */
  Errand fence(int attempt, int claim) {
    this.attempt = attempt;
    permit = Permit.of(claim, 0);
    return this;
  }

  Errand permit(Permit permit) {
    this.permit = permit;
    return this;
  }

  Errand said(Said said) {
    this.said = said;
    return this;
  }

  Errand move(JobMove move) {
    this.move = move;
    return this;
  }

  Errand number(int number) {
    this.number = number;
    return this;
  }

  boolean namesAnAttempt() {
    return attempt > 0;
  }

  /** Whether it has a job in hand, and not only a claim or a session. */
  boolean isAbout(int j) {
    var named =
        switch (kind) {
          case IDLE -> false;
          case CLAIM -> permit.generation() > 0;
          case OPEN -> namesAnAttempt();
          case CREATE,
              ANNOUNCE,
              START,
              REPORT,
              REGAIN,
              LOSE_TOUCH,
              COME_DUE,
              CANCEL,
              FORCE,
              EFFECT,
              REAP ->
              true;
          case LET_IN -> false;
        };
    return next == j || (named && job == j);
  }

  int claim() {
    return permit.claim();
  }

  void goOn(Step next) {
    step = next;
  }

  void done() {
    kind = Kind.IDLE;
  }

  @Override
  public int compareTo(Errand other) {
    if (kind != other.kind) {
      return kind.compareTo(other.kind);
    }
    if (step != other.step) {
      return step.compareTo(other.step);
    }
    if (job != other.job) {
      return Integer.compare(job, other.job);
    }
    if (agent != other.agent) {
      return Integer.compare(agent, other.agent);
    }
    return Integer.compare(permit.claim(), other.permit.claim());
  }

  @Override
  public String toString() {
    if (kind == Kind.IDLE) {
      return "idle";
    }
    return words(kind)
        + " of job "
        + job
        + (attempt > 0 ? " attempt " + attempt : "")
        + (permit.isTaken() ? " permit " + permit : "")
        + ", next: "
        + words(step)
        + (step == Step.MOVE ? " " + move : "");
  }

  static String words(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
