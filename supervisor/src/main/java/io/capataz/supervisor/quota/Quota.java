package io.capataz.supervisor.quota;

/** What an organization may have only so much of. */
public enum Quota {
  JOBS(
      "jobs",
      "jobs, waiting, running and ended",
      "Delete ended jobs, let tasks keep fewer of them (keep_jobs, keep_days)"),
  WAITING_JOBS(
      "waiting-jobs",
      "jobs that have not started",
      "Wait until some of them have started, cancel some"),
  JOB_MEGABYTES(
      "job-megabytes",
      "MiB of arguments, files, results and output of jobs",
      "Delete ended jobs, let tasks keep fewer of them (keep_jobs, keep_days)"),
  SCRIPT_MEGABYTES("script-megabytes", "MiB of scripts", "Upload smaller scripts"),
  TASK_VERSIONS("task-versions", "versions of tasks", "Delete tasks that are no longer used");

  private final String setting;
  private final String noun;
  private final String remedy;

  Quota(String setting, String noun, String remedy) {
    this.setting = setting;
    this.noun = noun;
    this.remedy = remedy;
  }

  /** Its setting, below {@code capataz.quota.}. */
  String setting() {
    return "capataz.quota." + setting;
  }

  /** How many of what is counted make one of what is shown. */
  long unit() {
    return this == JOB_MEGABYTES || this == SCRIPT_MEGABYTES ? 1024 * 1024 : 1;
  }

  /** The message for a caller who asks for more. */
  String refusal(String organization, long has, long may) {
    return "Organization %s has %d %s and may have %d. %s, or ask an operator to raise %s."
        .formatted(organization, has, noun, may, remedy, setting());
  }
}
