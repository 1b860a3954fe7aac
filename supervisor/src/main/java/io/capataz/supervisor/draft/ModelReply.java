package io.capataz.supervisor.draft;

import io.capataz.supervisor.draft.Draft.Spent;

/**
 * What came of one call of the model.
 *
 * <p>A reply is text and nothing else: a model that asks for a tool to be called gets none.
 */
sealed interface ModelReply {

  /** What it has used. */
  Spent spent();

  /** It has answered. */
  record Text(String text, Spent spent) implements ModelReply {}

  /**
   * It has answered, but not with a text that could be one.
   *
   * @param reason what the model is told
   * @param text what it said; may be empty
   */
  record Unusable(String reason, String text, Spent spent) implements ModelReply {}

  /** It does not want to. */
  record Declined(String reason, Spent spent) implements ModelReply {}

  /**
   * There is no answer.
   *
   * @param isWorthRepeating whether the same call may have one at once
   * @param retryAfter in how many seconds, as its server says; 0: it does not
   */
  record Failed(String reason, boolean isWorthRepeating, long retryAfter, Spent spent)
      implements ModelReply {}
}
