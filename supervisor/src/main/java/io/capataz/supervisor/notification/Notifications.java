package io.capataz.supervisor.notification;

import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.access.People;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Ending;
import io.capataz.supervisor.member.Member;
import io.capataz.supervisor.member.Members;
import io.capataz.supervisor.notification.Mailer.Mail;
import io.capataz.supervisor.outbound.HttpCall;
import io.capataz.supervisor.outbound.OutboundHttp;
import io.capataz.supervisor.task.Notify;
import io.capataz.supervisor.task.Placeholders;
import jakarta.mail.MessagingException;
import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Notifies people on behalf of a job. A job that is tried again notifies again, under the same ids:
 * the inbox has one entry, and an e-mail keeps its Message-ID.
 */
@Component
public class Notifications {

  private static final int MOST_RECIPIENTS = 100;

  private final Members members;
  private final InboxEntries inbox;
  private final Mailer mailer;
  private final OutboundHttp http;

  Notifications(Members members, InboxEntries inbox, Mailer mailer, OutboundHttp http) {
    this.members = members;
    this.inbox = inbox;
    this.mailer = mailer;
    this.http = http;
  }

  /** What is said, and to whom, with the arguments in place. */
  private record Message(String subject, String body, People recipients) {}

  /**
   * Notifies.
   *
   * @param arguments by the labels of their parameters
   */
  public Ending send(Job job, Notify notify, Map<String, String> arguments)
      throws InterruptedException {
    var message = message(notify, arguments);
    var people = members.among(job.organization(), message.recipients(), MOST_RECIPIENTS + 1);
    var flaw = flaw(notify, message, people);
    if (flaw != null) {
      return Ending.of(flaw);
    }
    try {
      if (notify.channels().inbox()) {
        people.forEach(one -> inbox.put(job, one.id(), message.subject(), message.body()));
      }
      if (notify.channels().email()) {
        mailer.send(people.stream().map(one -> mail(job, message, one)).toList());
      }
      if (notify.channels().webhook() != null) {
        post(job, notify.channels().webhook(), message);
      }
      return Ending.of(new Outcome.Succeeded(), result(message, people));
    } catch (MessagingException | IOException refused) {
      return Ending.of(
          new Outcome.Failed("The mail server did not take the e-mail: " + refused.getMessage()));
    } catch (HttpCall.Failed failed) {
      return Ending.of(
          failed.why() == HttpCall.Why.REFUSED
              ? new Outcome.Refused(failed.reason())
              : new Outcome.Failed("The webhook was not reached: " + failed.reason()));
    }
  }

  /** What keeps it from being sent; null: nothing. */
  private @Nullable Outcome flaw(Notify notify, Message message, List<Member> people) {
    var channels = notify.channels();
    if (channels.email() && !mailer.isSetUp()) {
      return new Outcome.CouldNotStart(
          "No mail server is set up: the operator of this installation has to set"
              + " capataz.mail.host.");
    }
    if (people.size() > MOST_RECIPIENTS) {
      return new Outcome.Failed(
          "It would notify more than " + MOST_RECIPIENTS + " members; name fewer.");
    }
    if (people.isEmpty() && (channels.email() || channels.inbox())) {
      return new Outcome.Failed(
          "None of its recipients is a member of the organization: " + message.recipients() + ".");
    }
    return null;
  }

  /** Seed 004's system gives subject, body and recipients as arguments of these names. */
  private static Message message(Notify notify, Map<String, String> arguments) {
    var byName = new HashMap<String, String>();
    arguments.forEach((label, value) -> byName.put(label.toLowerCase(Locale.ROOT), value));
    return new Message(
        given(byName, "subject", filled(notify.subject(), arguments)),
        given(byName, "body", filled(notify.body(), arguments)),
        recipients(byName.getOrDefault("recipients", ""), notify.recipients()));
  }

  private static String filled(String text, Map<String, String> arguments) {
    return Placeholders.filled(text, arguments, UnaryOperator.identity());
  }

  private static String given(Map<String, String> arguments, String name, String otherwise) {
    var value = arguments.getOrDefault(name, "");
    return value.isEmpty() ? otherwise : value;
  }

  /** A JSON list, or names with commas between them. */
  private static People recipients(String argument, People otherwise) {
    var text = argument.strip();
    if (text.isEmpty()) {
      return otherwise;
    }
    var parts = text.startsWith("[") ? listed(text) : List.of(text.split(",", -1));
    return new People(parts.stream().map(String::strip).filter(part -> !part.isEmpty()).toList());
  }

  private static List<String> listed(String json) {
    try {
      return MessageJson.mapper().readTree(json) instanceof ArrayNode list
          ? list.valueStream().map(item -> item.asString("")).toList()
          : List.of(json);
    } catch (JacksonException noJson) {
      return Arrays.asList(json.split(",", -1));
    }
  }

  private static Mail mail(Job job, Message message, Member to) {
    return new Mail(job.id() + "." + to.id(), to.email(), message.subject(), message.body());
  }

  private void post(Job job, String url, Message message)
      throws HttpCall.Failed, InterruptedException {
    var body = MessageJson.mapper().createObjectNode();
    body.put("id", job.id()).put("customer", job.organization());
    body.put("task_id", job.task()).put("task_name", job.spec().taskName());
    body.put("subject", message.subject()).put("body", message.body());
    var answer =
        http.call(
            new HttpCall(
                "POST",
                URI.create(url),
                Map.of("Content-Type", "application/json", "Idempotency-Key", job.id()),
                Bytes.utf8(body.toString()),
                job.spec().timeout(),
                0,
                1_024,
                true));
    if (answer.status() / 100 != 2) {
      throw HttpCall.Failed.because("It answered with the status " + answer.status() + ".");
    }
  }

  private static ObjectNode result(Message message, List<Member> people) {
    var result = MessageJson.mapper().createObjectNode().put("state", "success");
    var told = MessageJson.mapper().createArrayNode();
    people.forEach(one -> told.add(one.email()));
    result.putArray("output").add(message.subject()).add(message.body()).add(told);
    return result;
  }
}
