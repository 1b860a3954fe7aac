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

  /** The broker's own user; its password never leaves the process. */
  static final String BROKER = "broker";

  public static final String SUPERVISOR = "supervisor";

  public static final String AGENT = "agent";

  /** New random passwords. */
  public static BrokerPasswords random() {
    return new BrokerPasswords(PrivateFiles.randomSecret(), PrivateFiles.randomSecret());
  }
}
