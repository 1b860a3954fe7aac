package org.springframework.planted;

/** Stands for a framework that is not on this classpath. */
public final class Bean {
  private Bean() {}
}
