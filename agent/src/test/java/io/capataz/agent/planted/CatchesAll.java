package io.capataz.agent.planted;

/** Breaks the rule that only the loops catch everything. */
class CatchesAll {
  boolean works(Runnable work) {
    try {
      work.run();
      return true;
    } catch (Exception e) {
      return false;
    }
  }
}
