package io.capataz.supervisor.vault;

/** A sealed value that cannot be read: its key is missing, or it is not what was sealed there. */
public final class CannotOpen extends RuntimeException {

  private static final long serialVersionUID = 1L;

  CannotOpen(String sentence) {
    super(sentence, null, false, false);
  }

  /** Why, in a sentence for people. */
  public String reason() {
    return String.valueOf(getMessage());
  }
}
