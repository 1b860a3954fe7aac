package org.springframework.planted;

/** Stands for a framework that is not on this class path. */
public final class Bean {
  private Bean() {}
}
