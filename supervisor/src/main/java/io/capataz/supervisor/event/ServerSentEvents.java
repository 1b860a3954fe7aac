package io.capataz.supervisor.event;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A client that reads a {@code text/event-stream}. */
final class ServerSentEvents implements EventSink {

  /** The event and the id after which nothing follows. */
  private static final String LAST = "end";

  private final OutputStream out;

  ServerSentEvents(OutputStream out) throws IOException {
    this.out = out;
    write("retry: 2000\n\n");
    out.flush();
  }

  /** Whether the client has received the last event. */
  static boolean isLast(@Nullable String lastEvent) {
    return LAST.equals(lastEvent);
  }

  @Override
  public void send(String event, String id, String data) throws IOException {
    write("event: " + event + "\nid: " + id + "\ndata: " + data + "\n\n");
  }

  @Override
  public void ping() throws IOException {
    write(":\n\n");
    out.flush();
  }

  @Override
  public void flush() throws IOException {
    out.flush();
  }

  @Override
  public void end(End why) throws IOException {
    if (why == End.OVER) {
      send(LAST, LAST, "{}");
    }
    out.flush();
  }

  private void write(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }
}
