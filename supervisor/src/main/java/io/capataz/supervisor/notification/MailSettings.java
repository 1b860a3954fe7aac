package io.capataz.supervisor.notification;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The server that sends e-mail: {@code capataz.mail.*}.
 *
 * @param host its name; without it, no e-mail is sent
 * @param port its port
 * @param from the sender's address
 * @param security how the connection is protected
 * @param user the user to log in as; without one, nobody logs in
 * @param passwordFile the file with the user's password
 */
@ConfigurationProperties("capataz.mail")
record MailSettings(
    @Nullable String host,
    @DefaultValue("587") int port,
    @DefaultValue("capataz@localhost") String from,
    @DefaultValue("STARTTLS") Security security,
    @Nullable String user,
    @Nullable String passwordFile) {

  /** How the connection to the server is protected. */
  enum Security {
    /** By TLS, after a command in clear text; a server that does not offer it is not used. */
    STARTTLS,
    /** By TLS from its beginning. */
    TLS,
    /** Not at all; for a server on the same machine. */
    NONE
  }

  MailSettings {
    host = host == null || host.isBlank() ? null : host;
    user = user == null || user.isBlank() ? null : user;
    passwordFile = passwordFile == null || passwordFile.isBlank() ? null : passwordFile;
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException(
          "capataz.mail.port must be between 1 and 65535, not " + port + ".");
    }
    if ((user == null) != (passwordFile == null)) {
      throw new IllegalArgumentException(
          "capataz.mail.user and capataz.mail.password-file must be set together.");
    }
  }
}
