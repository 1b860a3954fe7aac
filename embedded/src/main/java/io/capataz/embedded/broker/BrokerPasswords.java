package io.capataz.embedded.broker;

import io.capataz.common.files.PrivateFiles;
import io.capataz.common.secret.Secret;

/**
 * With what the users of an embedded broker log in, by SASL/PLAIN on the loopback address.
 *
 * @param supervisor the password of user {@code supervisor}, who makes topics and writes to them
 * @param agent the password of user {@code agent}, who reads announcements and nothing else
 */
public record BrokerPasswords(Secret supervisor, Secret agent) {

  /** The user that is the broker itself, with a password that nobody is told. */
  static final String BROKER = "broker";

  public static final String SUPERVISOR = "supervisor";

  public static final String AGENT = "agent";

  /** New ones, which nobody knows yet. */
  public static BrokerPasswords random() {
    return new BrokerPasswords(PrivateFiles.randomSecret(), PrivateFiles.randomSecret());
  }
}
