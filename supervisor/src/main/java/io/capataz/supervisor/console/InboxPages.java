package io.capataz.supervisor.console;

import io.capataz.common.protocol.MessageJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Asks the API for what waits for the reader: approvals, inputs and notifications. */
@Component
class InboxPages {

  private final ConsoleApi api;
  private final Words words;

  InboxPages(ConsoleApi api, Words words) {
    this.api = api;
    this.words = words;
  }

  /**
   * The page.
   *
   * @param chosen what is shown beside the list; null: nothing waits
   */
  record Inbox(List<Item> items, @Nullable Question chosen, List<Note> notes) {}

  /**
   * A line of the list.
   *
   * @param until when it lapses; null: it does not
   */
  record Item(
      String id,
      boolean isApproval,
      String name,
      String by,
      @Nullable Moment since,
      @Nullable Moment until,
      boolean isChosen) {}

  /**
   * What a person decides.
   *
   * @param why what is still missing, in the API's words
   * @param lapse what it means if nobody decides in time
   * @param approve what the button says
   * @param form null: it is an approval
   */
  record Question(
      Item item,
      String taskId,
      String description,
      List<ArgumentRow> arguments,
      List<Decision> decisions,
      String why,
      String lapse,
      String approve,
      String reject,
      @Nullable RunForm form) {}

  /** What somebody has decided. */
  record Decision(Badge badge, String by, String comment, @Nullable Moment at) {}

  /** A notification. */
  record Note(
      String id, String jobId, String subject, String body, @Nullable Moment at, boolean isRead) {}

  /** How many decisions wait; none, if the reader may not ask. */
  int count(String organization) {
    var answer = api.send("GET", "/" + organization + "/inbox?unread=true", null);
    return answer.isSuccess()
        ? answer.body().path("approvals").size() + answer.body().path("inputs").size()
        : 0;
  }

  /**
   * @param id the one that is shown beside the list; missing or not there: the first
   * @param form as it was sent; null: as it is opened
   */
  Inbox inbox(String organization, Optional<String> id, @Nullable RunForm form) {
    var inbox = api.get("/" + organization + "/inbox").body();
    var jobs = new ArrayList<JsonNode>();
    inbox.path("approvals").forEach(jobs::add);
    inbox.path("inputs").forEach(jobs::add);
    var chosen =
        jobs.stream()
            .filter(job -> id.filter(job.path("id").asString("")::equals).isPresent())
            .findFirst()
            .or(() -> jobs.stream().findFirst());
    var shown = chosen.map(job -> job.path("id").asString("")).orElse("");
    return new Inbox(
        jobs.stream().map(job -> item(job, shown)).toList(),
        chosen.map(job -> question(organization, job, form)).orElse(null),
        notes(inbox));
  }

  /** The task whose parameters an input asks for. */
  JsonNode taskOf(String organization, String job) {
    var asked = api.get("/" + organization + "/job/" + job).body();
    return api.get("/" + organization + "/task/" + asked.path("task_id").asString("")).body();
  }

  private Item item(JsonNode job, String chosen) {
    var id = job.path("id").asString("");
    return new Item(
        id,
        job.path("task").path("type").asString("").equals("approval"),
        job.path("name").asString(""),
        JobRow.by(job, words),
        words.moment(job.path("creation_date")),
        words.moment(job.path("start_by")),
        id.equals(chosen));
  }

  private Question question(String organization, JsonNode listed, @Nullable RunForm form) {
    var path = "/" + organization + "/job/" + listed.path("id").asString("");
    var taskId = listed.path("task_id").asString("");
    // An approver sees the job, and not always its task.
    var asked = api.send("GET", "/" + organization + "/task/" + taskId, null);
    var task = asked.isSuccess() ? asked.body() : MessageJson.mapper().missingNode();
    var item = item(listed, listed.path("id").asString(""));
    var why = api.send("GET", path + "/why", null).body().path("why");
    return new Question(
        item,
        asked.isSuccess() ? taskId : "",
        task.path("description").asString(""),
        ArgumentRow.of(listed, task),
        decisions(listed),
        why.path("message").asString(""),
        listed.path("on_lapse").asString("expired"),
        listed.path("success_label").asString(words.say("inbox.approve")),
        listed.path("failure_label").asString(words.say("inbox.reject")),
        item.isApproval() ? null : form != null ? form : RunForm.opened(task, listed, words));
  }

  private List<Decision> decisions(JsonNode job) {
    var decisions = new ArrayList<Decision>();
    for (var made : job.path("approvals")) {
      var isApproved = made.path("decision").asString("").equals("approved");
      decisions.add(
          new Decision(
              new Badge(
                  isApproved ? "succeeded" : "failed",
                  words.say(isApproved ? "move.approve" : "move.reject"),
                  null),
              words.person(made.path("username").asString("")),
              made.path("comment").asString(""),
              words.moment(made.path("at"))));
    }
    return decisions;
  }

  private List<Note> notes(JsonNode inbox) {
    var notes = new ArrayList<Note>();
    for (var note : inbox.path("notifications")) {
      notes.add(
          new Note(
              note.path("id").asString(""),
              note.path("job_id").asString(""),
              note.path("subject").asString(""),
              note.path("body").asString(""),
              words.moment(note.path("at")),
              note.hasNonNull("read")));
    }
    return notes;
  }
}
