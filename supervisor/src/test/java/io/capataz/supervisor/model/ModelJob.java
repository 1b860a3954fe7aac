package io.capataz.supervisor.model;

import io.capataz.supervisor.job.JobState;

/**
 * A job's document, its permit in the document of its limit, and what only the model knows of it.
 */
final class ModelJob {

  private static final JobState[] STATES = JobState.values();

  /** Before that there is no document. */
  boolean posted;

  JobState state = JobState.READY;
  int attempt;

  /** How many attempts were given back; they do not count. */
  int givenBack;

  /** Claim and generation of the attempt under way, or of the last one. */
  Permit lease = Permit.NONE;

  /** In the limit's queue; else in its home queue. */
  boolean blocked;

  /** Grows whenever a late {@code ASSIGN} must fail. */
  int generation = 1;

  /** The number of the announcement that is still to be made; 0 if none is. */
  int outbox;

  /** The number of the last mark that was set. */
  int marks;

  /** Somebody asked for the attempt under way to be stopped. */
  boolean stop;

  /** The effects that are still to be done: permits to be freed. */
  Permit[] toFree = {Permit.NONE, Permit.NONE};

  /** In the limit's document: the job's permit. */
  Permit permit = Permit.NONE;

  /** In the broker: there is a record about the job that nobody has read. */
  boolean record;

  // What nobody knows but the model, to judge by.

  /** It was announced since it came into its home queue. */
  boolean told;

  /** How often a script was started for it. */
  int starts;

  /** Which attempts were given up although their agents may still be at work; a bit for each. */
  int givenUp;

  /** Somebody was told that it is canceled and will never start. */
  boolean calledOff;

  void pass(Cells c) {
    posted = c.pass(posted);
    state = c.pass(state, STATES);
    attempt = c.pass(attempt);
    givenBack = c.pass(givenBack);
    lease = c.pass(lease);
    blocked = c.pass(blocked);
    generation = c.pass(generation);
    outbox = c.pass(outbox);
    marks = c.pass(marks);
    stop = c.pass(stop);
    toFree = c.passSeats(toFree);
    permit = c.pass(permit);
    record = c.pass(record);
    told = c.pass(told);
    starts = c.pass(starts);
    givenUp = c.pass(givenUp);
    calledOff = c.pass(calledOff);
  }

  /** Whether it waits in its home queue, where agents look. */
  boolean isInItsHomeLine() {
    return posted && state == JobState.READY && !blocked;
  }

  boolean isParked() {
    return posted && state == JobState.READY && blocked;
  }

  boolean isUnderWay() {
    return posted && state.isUnderWay();
  }

  void addEffect(Permit free) {
    if (toFree[0].isTaken()) {
      toFree[1] = free;
    } else {
      toFree[0] = free;
    }
  }

  void pullEffect(Permit free) {
    if (toFree[1].equals(free)) {
      toFree[1] = Permit.NONE;
    } else if (toFree[0].equals(free)) {
      toFree[0] = toFree[1];
      toFree[1] = Permit.NONE;
    }
  }

  @Override
  public String toString() {
    if (!posted) {
      return "not posted";
    }
    var text = new StringBuilder(state + ", attempt " + attempt);
    append(text, lease.isTaken(), ", lease " + lease);
    append(text, true, ", generation " + generation);
    append(text, blocked, ", blocked");
    append(text, outbox > 0, ", outbox " + outbox);
    append(text, record, ", record in the broker");
    append(text, stop, ", to be stopped");
    append(text, givenBack > 0, ", given back " + givenBack);
    append(text, toFree[0].isTaken(), ", effect free " + toFree[0]);
    append(text, toFree[1].isTaken(), ", effect free " + toFree[1]);
    append(text, permit.isTaken(), "; permit " + permit);
    append(text, starts > 0, "; scripts started " + starts);
    append(text, calledOff, "; somebody was told that it never starts");
    return text.toString();
  }

  private static void append(StringBuilder text, boolean said, String what) {
    if (said) {
      text.append(what);
    }
  }
}
