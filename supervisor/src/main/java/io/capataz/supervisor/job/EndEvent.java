package io.capataz.supervisor.job;

/** The name of the event that is the end of a job: what follows from it asks for that name. */
public final class EndEvent {

  public static final String SUCCESS = "success";
  public static final String FAILURE = "failure";
  public static final String TIMEOUT = "timeout";
  public static final String CANCELED = "canceled";

  private static final int LONGEST = 200;

  private EndEvent() {}

  /** What the script names ({@code event_name}), otherwise what the state says. */
  public static String of(Job job) {
    var ending = job.ending();
    var result = ending == null ? null : ending.result();
    var named = result == null ? "" : result.path("event_name").asString("");
    if (!named.isBlank() && named.length() <= LONGEST) {
      return named;
    }
    var state = WireState.of(job).state();
    return state.equals("error") ? FAILURE : state;
  }
}
