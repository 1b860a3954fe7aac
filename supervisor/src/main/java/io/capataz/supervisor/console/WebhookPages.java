package io.capataz.supervisor.console;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Asks the API for what the pages of incoming webhooks show. */
@Component
class WebhookPages {

  private static final String PAGE = "25";

  private final ConsoleApi api;
  private final Words words;

  WebhookPages(ConsoleApi api, Words words) {
    this.api = api;
    this.words = words;
  }

  /** The webhooks that the reader may see. */
  record WebhookList(List<WebhookRow> rows, Paging paging) {}

  /**
   * A webhook in a list.
   *
   * @param verification how signed deliveries are checked
   * @param count how many deliveries it has taken
   */
  record WebhookRow(
      String id,
      String name,
      boolean isEnabled,
      String verification,
      long count,
      List<String> acls,
      @Nullable Moment created,
      @Nullable Moment changed) {}

  /**
   * One webhook.
   *
   * @param address where deliveries go, after the address of the supervisor
   * @param starts what names its event, by id
   * @param deliveries null: the reader may not see them
   */
  record WebhookPage(
      WebhookRow row,
      String address,
      Map<String, String> starts,
      @Nullable Deliveries deliveries) {}

  /** What has come, newest first. */
  record Deliveries(List<DeliveryRow> rows, Paging paging) {}

  /**
   * A delivery.
   *
   * @param given the sender's id; empty: it gave none
   * @param isReplay whether it repeats an earlier one
   */
  record DeliveryRow(
      String id,
      @Nullable Moment at,
      String given,
      String by,
      String size,
      boolean isPending,
      boolean isReplay,
      List<StartedRow> started) {}

  /**
   * What a delivery has started.
   *
   * @param href null: it was refused
   * @param text the short id, or why it was refused
   */
  record StartedRow(@Nullable String href, String text) {}

  WebhookList list(String organization, String cursor) {
    var answer =
        api.get(
            Paging.address(
                "/" + organization + "/webhook", Map.of("limit", "100", "cursor", cursor)));
    return new WebhookList(
        answer.body().valueStream().map(this::row).toList(),
        Paging.of("/console/webhooks", Map.of(), cursor, answer));
  }

  private WebhookRow row(JsonNode webhook) {
    return new WebhookRow(
        webhook.path("id").asString(""),
        webhook.path("name").asString(""),
        webhook.path("enable").asBoolean(true),
        webhook.path("verification").asString("none"),
        webhook.path("trigger_count").asLong(0),
        webhook.path("acls").valueStream().map(entry -> entry.asString("")).toList(),
        words.moment(webhook.path("creation_date")),
        words.moment(webhook.path("last_update")));
  }

  /**
   * @param cursor of the page of deliveries; empty: the first
   */
  WebhookPage one(String organization, String id, String cursor) {
    var path = "/" + organization + "/webhook/" + id;
    var row = row(api.get(path).body());
    var isSigned = !row.verification().equals("none");
    return new WebhookPage(
        row,
        path + "/trigger" + (isSigned ? "/signed" : "/secret/…"),
        starts(organization, id),
        deliveries(path, id, cursor));
  }

  private Map<String, String> starts(String organization, String id) {
    var events = api.send("GET", "/event?emitter_id=" + id + "&name=trigger", null);
    var event = events.body().path(0).path("_id").asString("");
    var found = new TreeMap<String, String>();
    if (!event.isEmpty()) {
      var asked = Map.of("triggers", event);
      for (var task : api.get(Paging.address("/" + organization + "/task", asked)).body()) {
        found.put(task.path("id").asString(""), task.path("name").asString(""));
      }
    }
    return found;
  }

  private @Nullable Deliveries deliveries(String path, String id, String cursor) {
    var query = Map.of("limit", PAGE, "cursor", cursor);
    var answer = api.send("GET", Paging.address(path + "/delivery", query), null);
    return answer.isSuccess()
        ? new Deliveries(
            answer.body().valueStream().map(this::delivery).toList(),
            Paging.of("/console/webhooks/" + id, Map.of(), cursor, answer))
        : null;
  }

  private DeliveryRow delivery(JsonNode delivery) {
    var started = new ArrayList<StartedRow>();
    delivery.path("started").forEach(each -> started.add(started(each)));
    return new DeliveryRow(
        delivery.path("id").asString(""),
        words.moment(delivery.path("at")),
        delivery.path("delivery_id").asString(""),
        by(delivery.path("by").asString("")),
        words.bytes(delivery.path("size").asLong(0)),
        delivery.path("pending").asBoolean(false),
        delivery.hasNonNull("replay_of"),
        started);
  }

  /** Whoever has the key or signs is known as the webhook itself. */
  private String by(String sender) {
    return sender.startsWith("webhook:") ? words.say("webhooks.by.key") : words.person(sender);
  }

  private StartedRow started(JsonNode started) {
    var job = started.path("job_id").asString("");
    if (job.isEmpty()) {
      return new StartedRow(
          null, words.say("webhooks.refused.start", started.path("refused").asString("")));
    }
    var workflow = started.path("workflow_id").asString("");
    return workflow.isEmpty()
        ? new StartedRow("/console/jobs/" + job, words.say("job.short", shortened(job)))
        : new StartedRow(
            "/console/workflows/" + workflow + "/runs/" + job,
            words.say("workflows.run.short", shortened(job)));
  }

  private static String shortened(String id) {
    return id.substring(Math.max(0, id.length() - 6));
  }
}
