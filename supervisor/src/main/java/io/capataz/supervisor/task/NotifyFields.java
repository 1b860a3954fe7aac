package io.capataz.supervisor.task;

import io.capataz.supervisor.access.AclFields;
import io.capataz.supervisor.access.People;
import io.capataz.supervisor.parameter.Parameter;
import io.capataz.supervisor.task.Notify.Channels;
import io.capataz.supervisor.web.FieldReader;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads what a notification says, to whom, and how. */
final class NotifyFields {

  private static final int LONGEST_SUBJECT = 200;
  private static final int LONGEST_BODY = 20_000;

  private static final Pattern URL = Pattern.compile("(?i)https?://[^/?#\\s@{]+([/?#][^\\s{]*)?");

  private NotifyFields() {}

  static Notify read(FieldReader fields, List<Parameter> parameters) {
    var subject = fields.requiredText("subject", LONGEST_SUBJECT);
    var body = fields.textOrNothing("body", LONGEST_BODY).orElse("");
    var labels = parameters.stream().map(Parameter::label).collect(Collectors.toSet());
    HttpFields.checkPlaces(fields, "subject", subject, labels);
    HttpFields.checkPlaces(fields, "body", body, labels);
    var recipients = AclFields.entries(fields, "recipients").map(People::new);
    var channels = channels(fields);
    var asArgument = labels.stream().anyMatch("recipients"::equalsIgnoreCase);
    if (recipients.orElse(People.NOBODY).isEmpty()
        && !asArgument
        && (channels.email() || channels.inbox())) {
      fields.wrong(
          "recipients",
          "required",
          "must name at least one member, role or tag, unless one of task_arguments is called"
              + " recipients.");
    }
    return new Notify(subject, body, recipients.orElse(People.NOBODY), channels);
  }

  private static Channels channels(FieldReader fields) {
    var webhook = webhook(fields);
    var otherwise = webhook == null && !fields.has("notificationTypes");
    var email = new boolean[] {otherwise};
    var inbox = new boolean[] {otherwise};
    fields.object(
        "notificationTypes",
        types -> {
          email[0] = types.truth("email").orElse(false);
          inbox[0] = types.truth("desktop").orElse(false);
          // Seed 004's system has these, too; nothing here can show them.
          types.ignoring("push", "socket");
        });
    if (!email[0] && !inbox[0] && webhook == null) {
      fields.wrong(
          "notificationTypes",
          "empty",
          "must switch on email or desktop, unless webhook_url is sent.");
    }
    return new Channels(email[0], inbox[0], webhook);
  }

  private static @Nullable String webhook(FieldReader fields) {
    Optional<String> url = fields.textOrNothing("webhook_url", 2_000);
    url.filter(text -> !URL.matcher(text).matches())
        .ifPresent(
            _ ->
                fields.wrong(
                    "webhook_url",
                    "wrong_form",
                    "must be a URL such as https://example.org/path."));
    return url.orElse(null);
  }
}
