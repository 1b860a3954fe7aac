package io.capataz.supervisor.standalone;

/** The outermost frame of a command: what it cannot do becomes a sentence and exit code 1. */
@FunctionalInterface
interface Command {

  void run() throws Exception;

  /** Runs {@code command}; ends the JVM only when it fails. */
  static void orExit(String name, Command command) {
    try {
      command.run();
    } catch (Refusal e) {
      System.err.println(e.getMessage());
      System.exit(1);
    } catch (Exception e) { // Whatever else it is, the person at the terminal wants it whole.
      System.err.printf("capataz %s failed. This is what is known of it:%n", name);
      e.printStackTrace();
      System.exit(1);
    }
  }
}
