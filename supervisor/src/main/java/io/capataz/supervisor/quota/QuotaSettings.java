package io.capataz.supervisor.quota;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How much each organization may have: {@code capataz.quota.*}. What exceeds a quota is refused
 * with the quota's name and value; nothing is removed. The numbers are those of the last count,
 * about a minute old, and what this supervisor has seen since.
 *
 * @param jobs jobs that are kept, whatever their state
 * @param waitingJobs jobs that have not started
 * @param jobMegabytes MiB of arguments, files, results and output of jobs. Output of running jobs
 *     is still taken
 * @param scriptMegabytes MiB of scripts
 * @param taskVersions versions of tasks, all tasks together
 */
@ConfigurationProperties("capataz.quota")
record QuotaSettings(
    @DefaultValue("5000000") int jobs,
    @DefaultValue("1000000") int waitingJobs,
    @DefaultValue("102400") int jobMegabytes,
    @DefaultValue("10240") int scriptMegabytes,
    @DefaultValue("100000") int taskVersions) {
  QuotaSettings {
    for (var quota : Quota.values()) {
      var most = of(quota, jobs, waitingJobs, jobMegabytes, scriptMegabytes, taskVersions);
      if (most < 1) {
        throw new IllegalArgumentException(
            quota.setting() + " must be at least 1, not " + most + ".");
      }
    }
  }

  int of(Quota quota) {
    return of(quota, jobs, waitingJobs, jobMegabytes, scriptMegabytes, taskVersions);
  }

  private static int of(
      Quota quota, int jobs, int waitingJobs, int jobBytes, int scriptBytes, int taskVersions) {
    return switch (quota) {
      case JOBS -> jobs;
      case WAITING_JOBS -> waitingJobs;
      case JOB_MEGABYTES -> jobBytes;
      case SCRIPT_MEGABYTES -> scriptBytes;
      case TASK_VERSIONS -> taskVersions;
    };
  }
}
