package io.capataz.supervisor.vault;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Shows a start that ended for want of the right key as a sentence, and not as a stack trace. */
class VaultRefusedAnalyzer extends AbstractFailureAnalyzer<VaultRefused> {
  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, VaultRefused cause) {
    return new FailureAnalysis(String.valueOf(cause.getMessage()), null, cause);
  }
}
