package io.capataz.agent.planted.one;

import io.capataz.agent.planted.two.Two;
import org.jspecify.annotations.Nullable;

/** One half of a cycle. */
public class One {
  @Nullable Two two;
}
