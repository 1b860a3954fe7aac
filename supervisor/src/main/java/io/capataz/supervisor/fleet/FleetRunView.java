package io.capataz.supervisor.fleet;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.capataz.supervisor.fleet.FleetHosts.Total;
import io.capataz.supervisor.fleet.FleetRun.Mark;
import io.capataz.supervisor.fleet.FleetRun.Note;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A fleet run in a response.
 *
 * @param state running, paused, waiting (for an approval or a time), canceling; of one that has
 *     ended success, failure or canceled
 * @param hosts how many it has
 * @param totals how many of them are at each state
 * @param why what keeps it from going on; missing: nothing
 * @param pause missing: it is not paused
 * @param history the last 100 things that happened to it, oldest first
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record FleetRunView(
    String id,
    String taskId,
    String taskName,
    String state,
    int hosts,
    Map<String, Integer> totals,
    List<WaveView> waves,
    @JsonUnwrapped PlanView plan,
    @Nullable WhyView why,
    @Nullable HeldView pause,
    List<HappenedView> history,
    @JsonUnwrapped Times times) {

  /**
   * A wave.
   *
   * @param wave counted from 1
   * @param size as it was asked
   * @param begun whether its hosts may begin
   */
  record WaveView(int wave, String size, int hosts, boolean begun, Map<String, Integer> totals) {}

  /**
   * How it is to go.
   *
   * @param chosenBy {@code hosts}, {@code pool}, {@code labels} or {@code task}
   * @param chosen the pool's id, or the expression; missing for the others
   * @param failureBudget as it was asked; missing: there is none
   * @param failuresAllowed at how many failed hosts it pauses
   * @param between seconds between two waves
   * @param approval {@code none}, {@code last} or {@code every}
   * @param off what is done about hosts that are off: {@code wait}, {@code skip}, {@code fail}
   * @param offUntil until when they are waited for
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record PlanView(
      String chosenBy,
      @Nullable String chosen,
      int atOnce,
      @Nullable String failureBudget,
      @Nullable Integer failuresAllowed,
      int between,
      String approval,
      String off,
      @Nullable Instant offUntil) {
    static PlanView of(FleetRun run) {
      var wish = run.wish();
      var said = run.choice().said();
      return new PlanView(
          FleetFields.lower(run.choice().by()),
          said.isEmpty() ? null : said,
          wish.atOnce(),
          wish.budget(),
          run.plan().budget(),
          wish.between(),
          FleetFields.lower(wish.approval()),
          FleetFields.lower(wish.off()),
          run.plan().offUntil());
    }
  }

  /**
   * Why it does not go on.
   *
   * @param rule {@code canceled}, {@code paused}, {@code budget_spent}, {@code approval}, {@code
   *     between_waves}, {@code at_once}, {@code hosts_under_way} or {@code hosts_off}
   */
  record WhyView(String rule, String detail) {}

  /** That somebody has paused it. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record HeldView(String by, Instant since, @Nullable String note) {
    static @Nullable HeldView of(@Nullable Mark mark) {
      return mark == null ? null : new HeldView(mark.by(), mark.at(), mark.note());
    }
  }

  /**
   * Something that happened.
   *
   * @param what {@code began}, {@code wave}, {@code asked}, {@code paused}, {@code resumed}, {@code
   *     retried}, {@code canceled} or {@code ended}
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record HappenedView(Instant at, String what, String by, @Nullable String detail) {
    static HappenedView of(Note note) {
      return new HappenedView(note.at(), note.what(), note.by(), note.detail());
    }
  }

  /**
   * When, and by whom.
   *
   * @param creationDate when its hosts were fixed
   * @param ended missing: it has not
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Times(String by, String origin, Instant creationDate, @Nullable Instant ended) {}

  static FleetRunView of(FleetRun run, List<Total> counted) {
    var totals = totals(counted);
    var course = run.course();
    return new FleetRunView(
        run.id(),
        run.task(),
        run.taskName(),
        state(run, totals),
        run.plan().total(),
        totals,
        waves(run, counted),
        PlanView.of(run),
        why(run, totals),
        HeldView.of(course.pause()),
        course.notes().stream().map(HappenedView::of).toList(),
        new Times(run.asked().by(), run.asked().word(), run.asked().created(), course.closed()));
  }

  private static Map<String, Integer> totals(List<Total> counted) {
    var totals = new TreeMap<String, Integer>();
    for (var stage : Stage.values()) {
      totals.put(stage.word(), 0);
    }
    counted.forEach(it -> totals.merge(it.id().stage().word(), it.count(), Integer::sum));
    return totals;
  }

  private static List<WaveView> waves(FleetRun run, List<Total> counted) {
    var waves = new ArrayList<WaveView>();
    var begin = 0;
    for (var wave = 0; wave < run.plan().waves(); wave++) {
      var number = wave;
      var end = run.plan().ends().get(wave);
      var sizes = run.wish().waves();
      waves.add(
          new WaveView(
              wave + 1,
              sizes.get(Math.min(wave, sizes.size() - 1)),
              end - begin,
              wave <= run.course().wave(),
              totals(counted.stream().filter(it -> it.id().wave() == number).toList())));
      begin = end;
    }
    return waves;
  }

  private static int at(Map<String, Integer> totals, Stage stage) {
    return totals.getOrDefault(stage.word(), 0);
  }

  private static String state(FleetRun run, Map<String, Integer> totals) {
    var course = run.course();
    if (run.isClosed()) {
      return course.cancel() != null
          ? "canceled"
          : at(totals, Stage.FAILED) + at(totals, Stage.CANCELED) > 0 ? "failure" : "success";
    }
    return course.cancel() != null
        ? "canceling"
        : course.pause() != null
            ? "paused"
            : course.gate() || course.next() != null ? "waiting" : "running";
  }

  private static @Nullable WhyView why(FleetRun run, Map<String, Integer> totals) {
    var course = run.course();
    var running = at(totals, Stage.RUNNING);
    if (run.isClosed()) {
      return null;
    }
    if (course.cancel() != null) {
      return new WhyView("canceled", "Hosts still under way: " + running + ".");
    }
    if (course.pause() != null) {
      return paused(course.pause());
    }
    if (course.gate()) {
      return new WhyView("approval", "Wave " + (course.wave() + 2) + " waits for an approval.");
    }
    if (course.next() != null) {
      return new WhyView(
          "between_waves", "Wave " + (course.wave() + 2) + " begins at " + course.next() + ".");
    }
    return underWay(run, totals, running);
  }

  private static WhyView paused(Mark pause) {
    var note = pause.note() == null ? "." : ": " + pause.note();
    return pause.by().equals(FleetRun.SUPERVISOR)
        ? new WhyView("budget_spent", String.valueOf(pause.note()))
        : new WhyView("paused", "Paused by " + pause.by() + note);
  }

  private static @Nullable WhyView underWay(
      FleetRun run, Map<String, Integer> totals, int running) {
    if (running >= run.wish().atOnce()) {
      return new WhyView("at_once", "As many hosts run as may run at once: " + running + ".");
    }
    if (running > 0) {
      return new WhyView(
          "hosts_under_way",
          "All hosts of the wave have begun. Hosts still under way: " + running + ".");
    }
    var off = at(totals, Stage.OFF);
    return off == 0
        ? null
        : new WhyView(
            "hosts_off",
            "Hosts that are off: " + off + ". They are waited for until " + offUntil(run) + ".");
  }

  private static String offUntil(FleetRun run) {
    return String.valueOf(run.plan().offUntil());
  }
}
