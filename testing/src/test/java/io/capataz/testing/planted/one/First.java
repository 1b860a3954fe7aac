package io.capataz.testing.planted.one;

import io.capataz.testing.planted.two.Second;

/** One half of a cycle. */
public class First {
  public Second other() {
    return new Second();
  }
}
