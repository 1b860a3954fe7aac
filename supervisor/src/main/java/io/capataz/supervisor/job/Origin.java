package io.capataz.supervisor.job;

import org.jspecify.annotations.Nullable;

/**
 * What kind of caller submitted a job. The list is open: whatever starts tasks, such as a schedule
 * or a webhook, brings a word of its own and declares it with an {@link OriginKind}.
 *
 * @param word the kind, as shown in responses and used in filters
 * @param reference the id of the schedule, the webhook and so on; null where there is none
 */
public record Origin(String word, @Nullable String reference) {

  /** A person's or a program's token. */
  public static final Origin USER = new Origin("user", null);

  /** The task's secret key. */
  public static final Origin SECRET = new Origin("secret", null);
}
