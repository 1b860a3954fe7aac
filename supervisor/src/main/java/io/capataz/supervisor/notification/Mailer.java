package io.capataz.supervisor.notification;

import io.capataz.supervisor.notification.MailSettings.Security;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.springframework.stereotype.Component;

/** Sends e-mail through the server of {@link MailSettings}. */
@Component
public class Mailer {

  private static final String TIMEOUT = String.valueOf(Duration.ofSeconds(15).toMillis());

  private final MailSettings settings;

  Mailer(MailSettings settings) {
    this.settings = settings;
  }

  /** Whether there is a server. */
  public boolean isSetUp() {
    return settings.host() != null;
  }

  /**
   * A message to one person.
   *
   * @param id the same whenever it is sent again; becomes its Message-ID
   */
  public record Mail(String id, String to, String subject, String text) {}

  /** Sends messages over one connection, in their order. */
  public void send(List<Mail> mails) throws MessagingException, IOException {
    var session = Session.getInstance(properties());
    try (var transport = session.getTransport("smtp")) {
      connect(transport);
      for (var mail : mails) {
        var message = message(session, mail);
        transport.sendMessage(message, message.getAllRecipients());
      }
    }
  }

  private void connect(Transport transport) throws MessagingException, IOException {
    if (settings.user() == null || settings.passwordFile() == null) {
      transport.connect();
    } else {
      var password =
          Files.readString(Path.of(settings.passwordFile()), StandardCharsets.UTF_8).strip();
      transport.connect(settings.user(), password);
    }
  }

  private Properties properties() {
    var properties = new Properties();
    properties.setProperty("mail.smtp.host", String.valueOf(settings.host()));
    properties.setProperty("mail.smtp.port", String.valueOf(settings.port()));
    properties.setProperty("mail.smtp.auth", String.valueOf(settings.user() != null));
    var starttls = String.valueOf(settings.security() == Security.STARTTLS);
    properties.setProperty("mail.smtp.starttls.enable", starttls);
    properties.setProperty("mail.smtp.starttls.required", starttls);
    properties.setProperty(
        "mail.smtp.ssl.enable", String.valueOf(settings.security() == Security.TLS));
    properties.setProperty("mail.smtp.ssl.checkserveridentity", "true");
    properties.setProperty("mail.smtp.connectiontimeout", TIMEOUT);
    properties.setProperty("mail.smtp.timeout", TIMEOUT);
    properties.setProperty("mail.smtp.writetimeout", TIMEOUT);
    return properties;
  }

  private MimeMessage message(Session session, Mail mail) throws MessagingException {
    var message =
        new MimeMessage(session) {
          @Override
          protected void updateMessageID() throws MessagingException {
            setHeader("Message-ID", "<" + mail.id() + "@capataz>");
          }
        };
    message.setFrom(new InternetAddress(settings.from()));
    message.setRecipient(MimeMessage.RecipientType.TO, new InternetAddress(mail.to()));
    message.setSubject(mail.subject().replaceAll("\\p{Cntrl}", " "), StandardCharsets.UTF_8.name());
    message.setText(mail.text(), StandardCharsets.UTF_8.name());
    message.setHeader("Auto-Submitted", "auto-generated");
    return message;
  }
}
