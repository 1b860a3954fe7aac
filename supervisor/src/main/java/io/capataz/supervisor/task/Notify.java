package io.capataz.supervisor.task;

import io.capataz.supervisor.access.People;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.TypeAlias;

/**
 * Notifies members of the organization. In {@code subject} and {@code body}, {@code {{label}}}
 * stands for the argument of the parameter with that label.
 *
 * @param recipients who is notified, unless the arguments say otherwise
 * @param channels how
 */
@TypeAlias("notify")
public record Notify(String subject, String body, People recipients, Channels channels)
    implements Action {

  /**
   * The ways in which people are notified.
   *
   * @param email by e-mail
   * @param inbox by an entry in their inbox
   * @param webhook a URL that the notification is posted to; null: none
   */
  public record Channels(boolean email, boolean inbox, @Nullable String webhook) {}
}
