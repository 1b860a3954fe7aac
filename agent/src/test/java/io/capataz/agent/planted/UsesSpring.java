package io.capataz.agent.planted;

import org.springframework.planted.Bean;

/** Violates the rule that the agent is plain Java. */
class UsesSpring {
  Class<?> bean() {
    return Bean.class;
  }
}
