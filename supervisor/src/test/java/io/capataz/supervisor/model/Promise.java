package io.capataz.supervisor.model;

/** What is promised, whatever dies, is lost, comes late or comes twice. */
enum Promise {
  NONE_BROKEN("all promises are kept"),
  FINAL_IS_FINAL("a final state never changes"),
  OLD_FENCE_IS_NOT_HEARD("a report is accepted for the current attempt and claim only"),
  START_NEEDS_A_GRANT("a script is started only by the agent that the attempt was granted to"),
  STARTS_ARE_COUNTED("a job's script is started no more often than it has attempts"),
  CANCELED_NEVER_STARTS("a job that was said to be canceled is not started after that"),
  ENDED_MEANS_ENDED("a job that was said to have ended has ended"),
  LIMIT_HOLDS("no more jobs are under way than the limit allows"),
  SEATS_ARE_HELD("as many permits are counted as jobs have one"),
  HOME_IS_RESPECTED("a job is granted only to an agent it is for"),
  WAITING_IS_KNOWN("a job that waits is marked to be announced, or was announced since"),
  CLAIMED_IS_RUN("what an agent had claimed and not begun when it died is run after all"),
  EVERY_JOB_ENDS("once all goes well again, every job ends and nothing is left over"),
  NEEDS_NO_SWEEP("while nothing goes wrong, every job ends without a sweep"),
  NEEDS_NO_SYNC("while no announcement is lost, every job ends without sync");

  static final Promise[] ALL = values();

  private final String meaning;

  Promise(String meaning) {
    this.meaning = meaning;
  }

  String meaning() {
    return meaning;
  }

  /** Whether it says how things end, not how they are. */
  boolean isOfAnEnd() {
    return switch (this) {
      case CLAIMED_IS_RUN, EVERY_JOB_ENDS, NEEDS_NO_SWEEP, NEEDS_NO_SYNC -> true;
      case NONE_BROKEN,
          FINAL_IS_FINAL,
          OLD_FENCE_IS_NOT_HEARD,
          START_NEEDS_A_GRANT,
          STARTS_ARE_COUNTED,
          CANCELED_NEVER_STARTS,
          ENDED_MEANS_ENDED,
          LIMIT_HOLDS,
          SEATS_ARE_HELD,
          HOME_IS_RESPECTED,
          WAITING_IS_KNOWN ->
          false;
    };
  }
}
