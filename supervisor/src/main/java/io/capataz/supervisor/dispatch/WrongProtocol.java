package io.capataz.supervisor.dispatch;

import org.apache.kafka.common.KafkaException;

/** A broker speaks TLS where clear text is expected, or the other way round. It has been logged. */
final class WrongProtocol extends KafkaException {

  private static final long serialVersionUID = 1;

  WrongProtocol(String sentence) {
    super(sentence);
  }
}
