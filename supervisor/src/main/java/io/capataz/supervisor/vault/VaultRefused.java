package io.capataz.supervisor.vault;

/** Why a supervisor will not start with the vault key it has, and what to do now. */
public final class VaultRefused extends RuntimeException {

  private static final long serialVersionUID = 1L;

  VaultRefused(String sentence) {
    super(sentence, null, false, false);
  }
}
