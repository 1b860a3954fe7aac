package io.capataz.supervisor.console;

import io.capataz.supervisor.console.ChartView.Bar;
import io.capataz.supervisor.console.ChartView.Line;
import io.capataz.supervisor.console.ChartView.Part;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Draws how jobs went over the last hour, day or week. */
@Component
class HomeCharts {

  static final List<String> WINDOWS = List.of("hour", "day", "week");

  private static final int LABELS = 4;
  private static final double GAP = 0.15;

  private final ConsoleApi api;
  private final Words words;

  HomeCharts(ConsoleApi api, Words words) {
    this.api = api;
    this.words = words;
  }

  /**
   * The charts of a window.
   *
   * @param window which one
   * @param ended how many jobs ended
   * @param waited their queue wait
   * @param ran their duration
   */
  record Charts(String window, ChartView ended, ChartView waited, ChartView ran) {
    public List<String> windows() {
      return WINDOWS;
    }
  }

  Charts of(String organization, String window) {
    var known = WINDOWS.contains(window) ? window : WINDOWS.getFirst();
    var answer = api.get("/" + organization + "/job/statistics?window=" + known).body();
    var buckets = answer.path("buckets").valueStream().toList();
    var times =
        IntStream.rangeClosed(0, LABELS)
            .mapToObj(at -> time(answer, buckets.size() * at / LABELS, buckets))
            .map(words::moment)
            .toList();
    return new Charts(
        known,
        ended(known, buckets, times),
        spread(known, "queue_wait", buckets, times),
        spread(known, "duration", buckets, times));
  }

  private static Instant time(JsonNode answer, int at, List<JsonNode> buckets) {
    return Instant.parse(
        at < buckets.size()
            ? buckets.get(at).path("from").asString()
            : answer.path("until").asString());
  }

  private ChartView ended(String window, List<JsonNode> buckets, List<Moment> times) {
    var axis =
        Axis.ofCounts(
            (double) buckets.stream().mapToLong(it -> succeeded(it) + failed(it)).max().orElse(0));
    var bars =
        IntStream.range(0, buckets.size())
            .mapToObj(at -> bar(at, buckets.get(at), buckets.size(), axis))
            .toList();
    var succeeded = buckets.stream().mapToLong(HomeCharts::succeeded).sum();
    var failed = buckets.stream().mapToLong(HomeCharts::failed).sum();
    var said = words.say("chart.ended.said." + window, succeeded, failed);
    return new ChartView(
        said,
        bars,
        List.of(),
        axis.count(1, Words.locale()),
        axis.count(0.5, Words.locale()),
        times);
  }

  private Bar bar(int at, JsonNode bucket, int count, Axis axis) {
    var width = (double) ChartView.WIDTH / count;
    var succeeded = succeeded(bucket);
    var failed = failed(bucket);
    return new Bar(
        Axis.tenths((at + GAP / 2) * width),
        Axis.tenths(width * (1 - GAP)),
        new Part(
            axis.y((double) succeeded),
            axis.height((double) succeeded),
            address(bucket, "succeeded")),
        new Part(
            axis.y((double) (succeeded + failed)),
            axis.height((double) failed),
            address(bucket, "failed")),
        words.say(
            "chart.bar",
            words.moment(Instant.parse(bucket.path("from").asString())).exact(),
            succeeded,
            failed));
  }

  private static String address(JsonNode bucket, String show) {
    return JobSearch.between(show, bucket.path("from").asString(), bucket.path("until").asString());
  }

  private ChartView spread(
      String window, String field, List<JsonNode> buckets, List<Moment> times) {
    var axis =
        Axis.ofSeconds(
            buckets.stream()
                .mapToDouble(it -> it.path(field).path("p95").asDouble(0))
                .max()
                .orElse(0));
    var lines =
        Stream.of(
                new Line("ln dash grey", path(buckets, field, "p95", axis)),
                new Line("ln tone", path(buckets, field, "p50", axis)))
            .filter(line -> !line.path().isEmpty())
            .toList();
    var said = words.say("chart." + field + ".said." + window, axis.seconds(1, Words.locale()));
    return new ChartView(
        said,
        List.of(),
        lines,
        axis.seconds(1, Words.locale()),
        axis.seconds(0.5, Words.locale()),
        times);
  }

  /** Parts in which nothing ended leave a gap. */
  private static String path(List<JsonNode> buckets, String field, String which, Axis axis) {
    var path = new StringBuilder();
    var width = (double) ChartView.WIDTH / buckets.size();
    var drawing = false;
    for (var at = 0; at < buckets.size(); at++) {
      var spread = buckets.get(at).path(field);
      if (spread.isObject()) {
        var y = axis.y(spread.path(which).asDouble());
        // A point alone is a short line.
        path.append(
            drawing
                ? "L%s %s".formatted(Axis.tenths((at + 0.5) * width), y)
                : "M%s %sh2".formatted(Axis.tenths((at + 0.5) * width - 1), y));
      }
      drawing = spread.isObject();
    }
    return path.toString();
  }

  private static long succeeded(JsonNode bucket) {
    return bucket.path("succeeded").asLong(0);
  }

  private static long failed(JsonNode bucket) {
    return bucket.path("failed").asLong(0);
  }
}
