package io.capataz.supervisor.event;

import io.capataz.supervisor.web.TextSocket;
import java.io.IOException;

/** A client that reads a WebSocket; each message is {@code {event, id, data}}. */
final class SocketEvents implements EventSink {

  private final TextSocket socket;
  private TextSocket.Close close = TextSocket.Close.FAILED;

  SocketEvents(TextSocket socket) {
    this.socket = socket;
  }

  /** How the socket is to be closed. */
  TextSocket.Close close() {
    return close;
  }

  @Override
  public void send(String event, String id, String data) throws IOException {
    socket.send("{\"event\":\"" + event + "\",\"id\":\"" + id + "\",\"data\":" + data + "}");
  }

  @Override
  public void ping() throws IOException {
    socket.ping();
  }

  @Override
  public void flush() {
    // Each message is sent at once.
  }

  @Override
  public void end(End why) throws IOException {
    if (why == End.OVER) {
      send("end", "end", "{}");
    }
    close =
        switch (why) {
          case OVER -> TextSocket.Close.DONE;
          case REVOKED -> TextSocket.Close.REVOKED;
          case CLOSING -> TextSocket.Close.GOING;
        };
  }
}
