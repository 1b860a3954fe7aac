package io.capataz.supervisor.link;

import io.capataz.common.protocol.LinkMessage;

/** The agent's end of a link. */
interface LinkSocket {

  /**
   * Sends a message; returns when it is on its way. If that fails, the link is closed, and the
   * agent finds out by other ways.
   */
  void send(LinkMessage message);

  /**
   * Ends the connection; safe to repeat.
   *
   * @param code of RFC 6455
   * @param why a few words for the agent's log
   */
  void close(int code, String why);
}
