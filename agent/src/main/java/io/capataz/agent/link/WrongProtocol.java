package io.capataz.agent.link;

/** A broker speaks TLS where clear text is expected, or the other way round. It has been logged. */
final class WrongProtocol extends RuntimeException {

  private static final long serialVersionUID = 1L;

  WrongProtocol(String sentence) {
    super(sentence, null, false, false);
  }
}
