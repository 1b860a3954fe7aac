package io.capataz.supervisor.job;

import org.jspecify.annotations.Nullable;

/**
 * What kind of caller submitted a job. The list is open: whatever starts tasks, such as a schedule
 * or a webhook, brings a word of its own and declares it with an {@link OriginKind}.
 *
 * @param word the kind, as shown in responses and used in filters
 * @param reference the id of the schedule, the webhook and so on; null where there is none
 * @param position which of the jobs of a workflow run it is; the run goes on after its end. Null
 *     for a job after which nothing goes on
 * @param depth how many events led to it, one after the other; null: none
 */
public record Origin(
    String word, @Nullable String reference, @Nullable Position position, @Nullable Integer depth) {

  /**
   * Which of the jobs of a workflow run a job is. It never changes.
   *
   * @param step the id of the step in the graph
   * @param visit the id of this visit of the step; a step in a loop is visited more than once
   * @param cause what led to the visit
   * @param number how many steps led to it, from 1
   * @param item which item of a list it is for; null: the step has no list
   */
  public record Position(
      String step, String visit, String cause, int number, @Nullable Integer item) {}

  public Origin(String word, @Nullable String reference) {
    this(word, reference, null, null);
  }

  /** Where events lead from what has this origin: so many led to it. */
  public int events() {
    return depth == null ? 0 : depth;
  }

  /** The word of what running jobs start with their tokens; the job is the reference. */
  public static final String CALL = "call";

  /** A person's or a program's token. */
  public static final Origin USER = new Origin("user", null);

  /** The task's secret key. */
  public static final Origin SECRET = new Origin("secret", null);
}
