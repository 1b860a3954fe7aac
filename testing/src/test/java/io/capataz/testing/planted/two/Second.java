package io.capataz.testing.planted.two;

import io.capataz.testing.planted.one.First;
import org.jspecify.annotations.Nullable;

/** The other half of a cycle. */
public class Second {
  public @Nullable First other() {
    return null;
  }
}
