package io.capataz.supervisor.console;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Asks the API for what the pages of hosts show. */
@Component
class HostPages {

  private static final int LAST_JOBS = 15;
  private static final int MOST_SLOTS = 16;

  private final ConsoleApi api;
  private final Words words;

  HostPages(ConsoleApi api, Words words) {
    this.api = api;
    this.words = words;
  }

  /**
   * A host in a list.
   *
   * @param lamp names its glyph and its colour
   * @param word what its state is called
   * @param marks one for each slot, at most sixteen: {@code on}, {@code q} while it is silent,
   *     {@code no} where it takes no jobs, or empty
   */
  record HostRow(
      String id,
      String name,
      String lamp,
      String word,
      int slots,
      int running,
      List<String> marks,
      boolean isEnabled,
      boolean isListening,
      @Nullable Moment heard,
      Map<String, String> labels) {}

  /** One host. */
  record HostPage(
      HostRow row,
      List<JobRow> running,
      List<JobRow> ended,
      List<Gate> gates,
      Map<String, String> facts,
      List<String> pools,
      @Nullable Moment joined) {}

  /**
   * What is asked before it is given a job.
   *
   * @param state {@code open}, {@code shut}, or {@code later} after one that is shut
   */
  record Gate(String state, String text, String detail) {}

  List<HostRow> list(String organization) {
    var rows = new ArrayList<HostRow>();
    api.get("/" + organization + "/host").body().forEach(host -> rows.add(row(host)));
    return rows;
  }

  HostPage one(String organization, String id) {
    var host = api.get("/" + organization + "/host/" + id).body();
    var row = row(host);
    return new HostPage(
        row,
        jobs(organization, id, "&status=assigned&status=running&status=silent&limit=100"),
        jobs(
            organization,
            id,
            "&status=succeeded&status=failed&status=canceled&status=expired&limit=" + LAST_JOBS),
        gates(row),
        facts(host),
        pools(organization, id),
        words.moment(host.path("creation_date")));
  }

  private List<JobRow> jobs(String organization, String host, String filter) {
    var rows = new ArrayList<JobRow>();
    api.get("/" + organization + "/job?host=" + host + filter)
        .body()
        .forEach(job -> rows.add(JobRow.of(job, words)));
    return rows;
  }

  private HostRow row(JsonNode host) {
    var state = host.path("state").asString("offline");
    var labels = new TreeMap<String, String>();
    host.path("labels")
        .properties()
        .forEach(label -> labels.put(label.getKey(), label.getValue().asString("")));
    var slots = host.path("slots").asInt(0);
    var running = host.path("running").asInt(0);
    return new HostRow(
        host.path("id").asString(""),
        host.path("name").asString(""),
        state.equals("disabled") ? "draining" : state,
        words.say("host." + state),
        slots,
        running,
        marks(state, slots, running),
        host.path("enable").asBoolean(true),
        host.path("listening").asBoolean(false),
        words.moment(host.path("last_contact")),
        labels);
  }

  private static List<String> marks(String state, int slots, int running) {
    var marks = new ArrayList<String>();
    for (var slot = 0; slot < Math.min(slots, MOST_SLOTS); slot++) {
      var used = slot * (long) slots < (long) running * Math.min(slots, MOST_SLOTS);
      marks.add(
          used
              ? state.equals("silent") ? "q" : "on"
              : state.equals("online") || state.equals("silent") ? "" : "no");
    }
    return marks;
  }

  private List<Gate> gates(HostRow host) {
    var heard = host.heard() == null ? words.say("host.gate.never") : host.heard().ago();
    var isOnline = host.lamp().equals("online") || host.lamp().equals("draining");
    var gates = new ArrayList<Gate>();
    var open = add(gates, true, isOnline, "host.gate.heard", heard);
    open =
        add(
            gates,
            open,
            host.isEnabled(),
            "host.gate.enabled",
            host.isEnabled() ? "" : host.word());
    add(
        gates,
        open,
        host.running() < host.slots(),
        "host.gate.slot",
        words.say("host.gate.slots", host.slots() - host.running(), host.slots()));
    return gates;
  }

  /** Whether what is asked next matters. */
  private boolean add(
      List<Gate> gates, boolean isAsked, boolean isOpen, String key, String detail) {
    gates.add(new Gate(!isAsked ? "later" : isOpen ? "open" : "shut", words.say(key), detail));
    return isAsked && isOpen;
  }

  private Map<String, String> facts(JsonNode host) {
    var facts = new TreeMap<String, String>();
    host.path("facts")
        .properties()
        .forEach(
            fact -> {
              var value = fact.getValue();
              if (value.isValueNode() && !value.isNull()) {
                facts.put(
                    fact.getKey().replace('_', ' '),
                    fact.getKey().contains("memory") && value.isNumber()
                        ? words.bytes(value.asLong())
                        : value.asString(""));
              }
            });
    return facts;
  }

  private List<String> pools(String organization, String host) {
    var pools = new ArrayList<String>();
    var answer = api.send("GET", "/" + organization + "/pool", null);
    if (answer.isSuccess()) {
      answer
          .body()
          .forEach(
              pool -> {
                if (pool.toString().contains("\"" + host + "\"")) {
                  pools.add(pool.path("name").asString(""));
                }
              });
    }
    return pools;
  }
}
