package io.capataz.supervisor.event;

import java.io.IOException;

/** A client that receives events. Sending waits until the client, or its connection, takes more. */
interface EventSink {

  /** Why there are no more events. */
  enum End {
    /** The job has ended. */
    OVER,
    /** The token is no longer valid for it. */
    REVOKED,
    /** This supervisor ends; another one may go on. */
    CLOSING
  }

  /**
   * Sends an event.
   *
   * @param id the position after it, with which the client can come back
   * @param data JSON
   */
  void send(String event, String id, String data) throws IOException;

  /** Sends a sign of life; fails if the client is gone. */
  void ping() throws IOException;

  /** Nothing more is to be sent for now. */
  void flush() throws IOException;

  void end(End why) throws IOException;
}
