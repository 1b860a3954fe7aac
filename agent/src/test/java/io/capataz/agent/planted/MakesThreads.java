package io.capataz.agent.planted;

import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/** Breaks the rule that threads are made in one place. */
class MakesThreads {
  Thread old() {
    return new Thread(() -> {});
  }

  Thread built() {
    return Thread.ofVirtual().unstarted(() -> {});
  }

  Executor pool() {
    return Executors.newSingleThreadExecutor();
  }
}
