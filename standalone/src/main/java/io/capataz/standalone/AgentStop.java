package io.capataz.standalone;

import io.capataz.standalone.StandaloneSettings.Stop;
import java.util.function.IntSupplier;

/** Stops the agent, and says what becomes of running jobs. */
final class AgentStop implements AutoCloseable {

  private final AgentProcess agent;
  private final Stop stop;
  private final IntSupplier running;

  /**
   * @param running counts the jobs that the agent holds now
   */
  AgentStop(AgentProcess agent, Stop stop, IntSupplier running) {
    this.agent = agent;
    this.stop = stop;
    this.running = running;
  }

  @Override
  public void close() {
    int before = running.getAsInt();
    if (before > 0) {
      CtrlC.endsAtOnce(); // Before anybody reads that it does.
      System.out.println(before(before, stop));
    }
    agent.close();
    int left = before > 0 ? running.getAsInt() : 0;
    if (left > 0) {
      System.out.println(after(left));
    }
  }

  static String before(int running, Stop stop) {
    return stop.endsJobs()
        ? jobs(running) + " running and will be ended."
        : "%s running; waiting up to %d s for %s; press Ctrl-C again to stop at once."
            .formatted(jobs(running), stop.drain().toSeconds(), running == 1 ? "it" : "them");
  }

  static String after(int left) {
    return "%s still running without Capataz; the same command on the same folder finds %s again."
        .formatted(jobs(left), left == 1 ? "it" : "them");
  }

  private static String jobs(int number) {
    return number == 1 ? "1 job is" : number + " jobs are";
  }
}
