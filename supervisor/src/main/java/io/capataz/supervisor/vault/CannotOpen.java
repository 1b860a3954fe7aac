package io.capataz.supervisor.vault;

/** A sealed value cannot be opened: its key is missing, or it was not sealed for that place. */
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
