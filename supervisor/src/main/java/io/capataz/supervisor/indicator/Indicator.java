package io.capataz.supervisor.indicator;

import io.capataz.supervisor.access.Acl;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;
import tools.jackson.databind.JsonNode;

/**
 * A value that scripts report and people watch (seed 004's system).
 *
 * @param id 24 hexadecimal digits
 * @param organization whose it is
 * @param title unique in the organization
 * @param kind what it shows
 * @param value what was reported last; null: nothing
 * @param state a word, {@code normal} if all is well
 * @param severity a word for people
 * @param acl who may see it, besides administrators
 * @param looks how it is shown
 * @param revision which version of it this is
 * @param pending events that may not have started anything yet, oldest first
 * @param pendingAt when a sweep sees after them; null: there are none
 */
@Document("indicators")
record Indicator(
    @Id String id,
    String organization,
    String title,
    Kind kind,
    @Nullable JsonNode value,
    String state,
    String severity,
    Acl acl,
    Looks looks,
    Revision revision,
    List<Pending> pending,
    @Nullable Instant pendingAt) {

  static final String NORMAL = "normal";
  static final String HIGH = "HIGH";

  Indicator {
    pending = pending == null ? List.of() : List.copyOf(pending);
  }

  /** What an indicator shows; its text is never more than text. */
  enum Kind {
    CHART("ChartIndicator"),
    TEXT("TextIndicator"),
    HTML("HtmlIndicator"),
    PROGRESS("ProgressIndicator"),
    COUNTER("CounterIndicator"),
    FILE("FileIndicator");

    private final String className;

    Kind(String className) {
      this.className = className;
    }

    /** The {@code _type} of seed 004's system. */
    String className() {
      return className;
    }

    boolean isNumeric() {
      return this == PROGRESS || this == COUNTER;
    }
  }

  /**
   * How it is shown.
   *
   * @param name another name; null: its title
   * @param alerts whether people are told of its state
   * @param sticky whether it is shown before others
   * @param readOnly whether people may not dismiss it
   * @param order its place among others
   */
  record Looks(
      @Nullable String name,
      @Nullable String description,
      boolean alerts,
      boolean sticky,
      boolean readOnly,
      List<String> tags,
      int order,
      int width,
      int height) {

    static final Looks USUAL = new Looks(null, null, true, false, true, List.of(), 0, 2, 2);

    Looks {
      tags = List.copyOf(tags);
    }
  }

  /**
   * A version of it.
   *
   * @param version counts the changes, from 1
   * @param user the id of who made it
   */
  record Revision(long version, Instant created, Instant updated, String user) {
    Revision next(Instant at) {
      return new Revision(version + 1, created, at, user);
    }
  }

  /**
   * An event that has happened.
   *
   * @param source the id from which those of what it starts follow
   * @param name of the event
   * @param data the arguments of what it starts
   * @param by who changed the indicator
   */
  record Pending(String source, String name, List<String> data, String by, Instant at) {
    Pending {
      data = List.copyOf(data);
    }
  }
}
