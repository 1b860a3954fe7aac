package io.capataz.supervisor.statistics;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.ApiProblem.FieldError;
import java.util.Arrays;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Figures for charts; for alerts and long histories there are the metrics. */
@RestController
class StatisticsController {

  private final StatisticsOfJobs statistics;

  StatisticsController(StatisticsOfJobs statistics) {
    this.statistics = statistics;
  }

  /**
   * {@code GET /{customer}/job/statistics} and {@code GET /job/statistics}: counts the jobs that
   * the caller may see and that have ended, by when they were created, with the median and the 95th
   * percentile of their queue wait and duration in seconds. {@code window} is {@code hour} (30
   * parts), {@code day} (24) or {@code week} (28), by default {@code hour}; {@code task} (an id)
   * counts one task's jobs. An answer may be 10 seconds old.
   */
  @GetMapping({"/{customer}/job/statistics", "/job/statistics"})
  @Accepts(query = {"window", "task"})
  @Allow(role = Role.VIEWER, scope = Scope.JOB_READ)
  JobStatistics jobs(ApiInput input, Caller.Member caller) {
    var word = input.queryText("window").orElse(Window.HOUR.word());
    var window =
        Arrays.stream(Window.values())
            .filter(it -> it.word().equals(word))
            .findFirst()
            .orElseThrow(
                () ->
                    ApiProblem.invalid(
                        List.of(
                            new FieldError(
                                "/window", "unknown_word", "must be hour, day or week."))));
    return statistics.of(caller, window, input.queryText("task").filter(id -> !id.isEmpty()));
  }
}
