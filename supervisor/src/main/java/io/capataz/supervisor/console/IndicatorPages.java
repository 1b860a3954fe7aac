package io.capataz.supervisor.console;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Asks the API for the indicators. */
@Component
class IndicatorPages {

  private static final int MOST_TEXT = 400;
  private static final String PAGE = "60";

  /** The words of states that mean that all is well, and those that mean that it is not. */
  private static final Set<String> WELL = Set.of("normal", "success", "ok");

  private static final Set<String> ILL =
      Set.of("failure", "failed", "error", "alert", "critical", "fatal");

  private final ConsoleApi api;
  private final Words words;

  IndicatorPages(ConsoleApi api, Words words) {
    this.api = api;
    this.words = words;
  }

  /**
   * The page.
   *
   * @param state that is shown; empty: all
   * @param states how many of this page are in each state
   */
  record IndicatorList(
      String state, Map<String, Integer> states, List<Tile> tiles, Paging paging) {}

  /**
   * An indicator.
   *
   * @param value as text, cut
   * @param percent of a progress; null: it is no progress
   * @param isNumber whether the value is one
   * @param counts whether it can be set to zero
   */
  record Tile(
      String id,
      String title,
      String name,
      String description,
      Badge badge,
      String severity,
      String value,
      @Nullable Integer percent,
      boolean isNumber,
      boolean counts,
      List<String> tags,
      @Nullable Moment changed) {}

  IndicatorList list(String organization, String state, String cursor) {
    var filters = Map.of("state", state);
    var query = new TreeMap<>(Map.of("state", state, "cursor", cursor, "limit", PAGE));
    var answer = api.get(Paging.address("/" + organization + "/indicator", query));
    var states = new TreeMap<String, Integer>();
    answer.body().forEach(it -> states.merge(it.path("state").asString(""), 1, Integer::sum));
    return new IndicatorList(
        state,
        states,
        answer.body().valueStream().map(this::tile).toList(),
        Paging.of("/console/indicators", filters, cursor, answer));
  }

  private Tile tile(JsonNode indicator) {
    var value = indicator.path("value");
    var type = indicator.path("type").asString("");
    return new Tile(
        indicator.path("id").asString(""),
        indicator.path("title").asString(""),
        indicator.path("name").asString(""),
        indicator.path("description").asString(""),
        badge(indicator.path("state").asString("")),
        indicator.path("severity").asString(""),
        text(value),
        type.equals("progress") && value.isNumber() ? percent(value) : null,
        value.isNumber(),
        type.equals("progress") || type.equals("counter"),
        indicator.path("tags").valueStream().map(tag -> tag.asString("")).toList(),
        words.moment(indicator.path("last_update")));
  }

  private static int percent(JsonNode value) {
    return (int) Math.clamp(value.asDouble(), 0, 100);
  }

  /** A state is any word: those that are known have a colour, and others do not. */
  private static Badge badge(String state) {
    var looks = WELL.contains(state) ? "succeeded" : ILL.contains(state) ? "failed" : "held";
    return new Badge(looks, state, null);
  }

  private static String text(JsonNode value) {
    if (value.isMissingNode() || value.isNull()) {
      return "";
    }
    var text = value.isString() ? value.asString() : value.toString();
    return text.length() > MOST_TEXT ? text.substring(0, MOST_TEXT) + "…" : text;
  }
}
