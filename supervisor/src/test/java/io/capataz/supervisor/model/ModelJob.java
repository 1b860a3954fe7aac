package io.capataz.supervisor.model;

import io.capataz.supervisor.job.JobState;

/** A job's document, its seat in the document of its limit, and what only the model knows of it. */
final class ModelJob {

  private static final JobState[] STATES = JobState.values();

  /** Before that there is no document. */
  boolean posted;

  JobState state = JobState.READY;
  int attempt;

  /** How many attempts were given back; they do not count. */
  int givenBack;

  /** Claim and turn of the attempt under way, or of the last one. */
  Seat lease = Seat.NONE;

  /** In the limit's line; else in its home line. */
  boolean parked;

  /** Grows whenever a late {@code ASSIGN} must fail. */
  int turn = 1;

  /** The number of the announcement that is still to be made; 0 if none is. */
  int wake;

  /** The number of the last mark that was set. */
  int marks;

  /** Somebody asked for the attempt under way to be stopped. */
  boolean stop;

  /** The effects that are still to be done: seats to be freed. */
  Seat[] toFree = {Seat.NONE, Seat.NONE};

  /** In the limit's document: the job's seat. */
  Seat seat = Seat.NONE;

  /** In the broker: there is a record about the job that nobody has read. */
  boolean record;

  // What nobody knows but the model, to judge by.

  /** It was announced since it came into its home line. */
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
    parked = c.pass(parked);
    turn = c.pass(turn);
    wake = c.pass(wake);
    marks = c.pass(marks);
    stop = c.pass(stop);
    toFree = c.passSeats(toFree);
    seat = c.pass(seat);
    record = c.pass(record);
    told = c.pass(told);
    starts = c.pass(starts);
    givenUp = c.pass(givenUp);
    calledOff = c.pass(calledOff);
  }

  /** Whether it waits in its home line, where agents look. */
  boolean isInItsHomeLine() {
    return posted && state == JobState.READY && !parked;
  }

  boolean isParked() {
    return posted && state == JobState.READY && parked;
  }

  boolean isUnderWay() {
    return posted && state.isUnderWay();
  }

  void addEffect(Seat free) {
    if (toFree[0].isTaken()) {
      toFree[1] = free;
    } else {
      toFree[0] = free;
    }
  }

  void pullEffect(Seat free) {
    if (toFree[1].equals(free)) {
      toFree[1] = Seat.NONE;
    } else if (toFree[0].equals(free)) {
      toFree[0] = toFree[1];
      toFree[1] = Seat.NONE;
    }
  }

  @Override
  public String toString() {
    if (!posted) {
      return "not posted";
    }
    var text = new StringBuilder(state + ", attempt " + attempt);
    append(text, lease.isTaken(), ", lease " + lease);
    append(text, true, ", turn " + turn);
    append(text, parked, ", parked");
    append(text, wake > 0, ", wake " + wake);
    append(text, record, ", record in the broker");
    append(text, stop, ", to be stopped");
    append(text, givenBack > 0, ", given back " + givenBack);
    append(text, toFree[0].isTaken(), ", effect free " + toFree[0]);
    append(text, toFree[1].isTaken(), ", effect free " + toFree[1]);
    append(text, seat.isTaken(), "; seat " + seat);
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
