package io.capataz.supervisor.vault;

import io.capataz.common.command.StartFailure;

/** Why a supervisor does not start with its vault key, and what to do. */
final class VaultRefused extends StartFailure {

  private static final long serialVersionUID = 1L;

  VaultRefused(String sentence) {
    super(sentence);
  }
}
