package io.capataz.agent.planted.two;

import io.capataz.agent.planted.one.One;
import org.jspecify.annotations.Nullable;

/** The other half of a cycle. */
public class Two {
  @Nullable One one;
}
