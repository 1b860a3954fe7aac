package io.capataz.standalone;

/** The one place of a standalone start where threads are made. */
final class Background {

  private Background() {}

  /** Runs {@code task} beside everything else; it does not keep the JVM alive. */
  static Thread start(String name, Runnable task) {
    return Thread.ofPlatform().name(name).daemon().start(task);
  }

  /** Runs {@code task} when the JVM is told to end, by whatever but a kill. */
  static void atExit(Runnable task) {
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(task));
  }
}
