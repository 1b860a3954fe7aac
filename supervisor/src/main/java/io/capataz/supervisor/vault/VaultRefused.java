package io.capataz.supervisor.vault;

/** Why a supervisor does not start with its vault key, and what to do. */
public final class VaultRefused extends RuntimeException {

  private static final long serialVersionUID = 1L;

  VaultRefused(String sentence) {
    super(sentence, null, false, false);
  }
}
