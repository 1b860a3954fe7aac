package io.capataz.testing;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.testcontainers.DockerClientFactory;

/**
 * Says on the terminal that a suite needs Docker and that none answered, so that nobody believes it
 * ran.
 */
public final class SkippedLoudly implements ExecutionCondition {

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    if (context.getTestMethod().isEmpty() && !DockerClientFactory.instance().isDockerAvailable()) {
      System.err.printf(
          "%n*** SKIPPED: %s did not run, because no Docker engine answers. Start one and run"
              + " ./mvnw verify again. ***%n%n",
          context.getDisplayName());
    }
    return ConditionEvaluationResult.enabled("the container extension decides");
  }
}
