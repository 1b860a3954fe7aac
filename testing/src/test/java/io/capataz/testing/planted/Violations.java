package io.capataz.testing.planted;

import java.io.PrintStream;
import java.time.Instant;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** Each nested class breaks one rule; {@code HouseRulesTest} names which. */
public final class Violations {

  private Violations() {}

  static final class AsksTheClock {
    Instant ask() {
      return Instant.now();
    }

    long askAgain() {
      return System.currentTimeMillis();
    }
  }

  static final class MakesThreads {
    Thread thread() {
      return Thread.ofVirtual().unstarted(() -> {});
    }

    ExecutorService executor() {
      return Executors.newVirtualThreadPerTaskExecutor();
    }
  }

  static final class ThingHelper {}

  static final class CatchesAll {
    String swallow(Supplier<String> work) {
      try {
        return work.get();
      } catch (Exception e) {
        return "nothing happened";
      }
    }
  }

  static final class Prints {
    PrintStream out() {
      return System.out;
    }
  }

  static final class InjectsFields {
    @Autowired private final String field = "";

    @Override
    public String toString() {
      return field;
    }
  }

  static final class KnowsALibrary {
    java.util.zip.CRC32 crc() {
      return new java.util.zip.CRC32();
    }
  }

  @interface Autowired {}
}
