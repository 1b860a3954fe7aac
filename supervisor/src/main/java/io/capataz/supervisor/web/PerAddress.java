package io.capataz.supervisor.web;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts what each client network has open. */
final class PerAddress {

  private final int most;
  private final Map<String, Integer> open = new ConcurrentHashMap<>();

  /**
   * @param most how many one may have open; 0: any number
   */
  PerAddress(int most) {
    this.most = most;
  }

  /** Whether there was room for one more, which is counted then. */
  boolean enter(String network) {
    if (most == 0) {
      return true;
    }
    var entered = new boolean[1];
    open.compute(
        network,
        (_, count) -> {
          var before = count == null ? 0 : count;
          entered[0] = before < most;
          return entered[0] ? Integer.valueOf(before + 1) : count;
        });
    return entered[0];
  }

  void leave(String network) {
    open.computeIfPresent(network, (_, count) -> count == 1 ? null : count - 1);
  }
}
