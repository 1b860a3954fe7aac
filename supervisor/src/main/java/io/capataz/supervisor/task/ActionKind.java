package io.capataz.supervisor.task;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The kinds of {@link Action} on the wire. A kind is shown in the words of seed 004's system; some
 * have a second word, which is accepted too.
 */
public enum ActionKind {
  SCRIPT("Script", "script"),
  APPROVAL("Approval", "approval"),
  INPUT("Dummy", "dummy", "input"),
  WAIT("Wait", "wait"),
  HTTP("Scraper", "scraper", "http"),
  NOTIFICATION("Notification", "notification");

  private final String className;

  // Unmodifiable; the checker does not know the JDK's own.
  @SuppressWarnings("ImmutableEnumChecker")
  private final List<String> words;

  ActionKind(String className, String... words) {
    this.className = className;
    this.words = List.of(words);
  }

  /** The word that is shown as {@code type}. */
  public String type() {
    return words.getFirst();
  }

  /** {@code _type} of a task, such as {@code ScriptTask}. */
  public String taskClass() {
    return className + "Task";
  }

  /** {@code _type} of a job, such as {@code ScriptJob}. */
  public String jobClass() {
    return className + "Job";
  }

  /** The kind that a word of {@code type} means. */
  public static Optional<ActionKind> ofType(String word) {
    return Arrays.stream(values()).filter(kind -> kind.words.contains(word)).findFirst();
  }

  /** The kind that a word of {@code _type} means. */
  public static Optional<ActionKind> ofTaskClass(String word) {
    return Arrays.stream(values()).filter(kind -> kind.taskClass().equals(word)).findFirst();
  }

  /** All words of {@code type}, for messages. */
  static List<String> types() {
    return Arrays.stream(values()).flatMap(kind -> kind.words.stream()).toList();
  }

  /** All words of {@code _type}, for messages. */
  static List<String> taskClasses() {
    return Arrays.stream(values()).map(ActionKind::taskClass).toList();
  }
}
