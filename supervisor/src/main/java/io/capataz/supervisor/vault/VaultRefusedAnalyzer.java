package io.capataz.supervisor.vault;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Reports a start without the right key as a sentence instead of a stack trace. */
class VaultRefusedAnalyzer extends AbstractFailureAnalyzer<VaultRefused> {
  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, VaultRefused cause) {
    return new FailureAnalysis(String.valueOf(cause.getMessage()), null, cause);
  }
}
