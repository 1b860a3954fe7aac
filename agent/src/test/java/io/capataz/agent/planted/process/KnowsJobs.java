package io.capataz.agent.planted.process;

import io.capataz.common.protocol.AttemptId;

/** Violates the rule that processes know nothing of jobs. */
class KnowsJobs {
  AttemptId attempt() {
    return new AttemptId("j1", 1);
  }
}
