package io.capataz.cli.api;

import io.capataz.cli.terminal.ExitCode;
import io.capataz.cli.terminal.Failure;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Follows a stream of events until it is through. A connection that breaks or falls silent is
 * opened again with the id of the last event, so nothing is missed and nothing comes twice.
 */
public final class EventStream {

  /** The supervisor sends a comment every ten seconds. */
  private static final Duration SILENCE = Duration.ofSeconds(35);

  private static final int MOST_FAILURES = 20;
  private static final long LONGEST_NAP = 15_000;

  private final Api api;
  private final String path;
  private final Consumer<String> talk;
  private final Duration silence;
  private String last = "";
  private long retry = 2_000;
  private int failures;

  /**
   * @param path of the stream, of the organization
   * @param talk receives a line when the connection is lost or restored
   */
  public EventStream(Api api, String path, Consumer<String> talk) {
    this(api, path, talk, SILENCE);
  }

  EventStream(Api api, String path, Consumer<String> talk, Duration silence) {
    this.api = api;
    this.path = path;
    this.talk = talk;
    this.silence = silence;
  }

  /** Receives the events of a stream. */
  @FunctionalInterface
  public interface Listener {
    /** Takes an event, and returns whether to go on. */
    boolean takes(ServerEvent event);
  }

  /**
   * Follows it until the listener has enough, or the supervisor says that there is no more.
   *
   * @throws Failure if it is refused, or the supervisor is away for too long
   */
  public void follow(Listener listener) {
    while (true) {
      try {
        if (read(listener)) {
          return;
        }
        failures++;
      } catch (Failure e) {
        if (e.code() != ExitCode.UNREACHABLE || ++failures > MOST_FAILURES) {
          throw e;
        }
      }
      if (failures == 1) {
        talk.accept("The connection was lost; trying again.");
      }
      Naps.take(Duration.ofMillis(Math.min(LONGEST_NAP, retry * failures)));
    }
  }

  /** Reads one connection; returns whether that was all. */
  private boolean read(Listener listener) {
    Map<String, String> headers = new HashMap<>();
    headers.put("Accept", "text/event-stream");
    if (!last.isEmpty()) {
      headers.put("Last-Event-ID", last);
    }
    HttpResponse<InputStream> response = api.open("GET", api.own(path), null, headers);
    if (response.statusCode() == 204) {
      return true;
    }
    BlockingQueue<Optional<String>> lines = new ArrayBlockingQueue<>(1_024);
    Thread reader = Thread.ofVirtual().start(() -> pass(response.body(), lines));
    try (InputStream _ = response.body()) {
      return events(lines, listener);
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw Naps.interrupted();
    } finally {
      reader.interrupt();
    }
  }

  /** The lines of a body; an empty one at its end. */
  private static void pass(InputStream body, BlockingQueue<Optional<String>> lines) {
    try {
      try (var reader = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
        for (var line = reader.readLine(); line != null; line = reader.readLine()) {
          lines.put(Optional.of(line));
        }
      } catch (IOException e) {
        // The reader of the lines sees the end that follows, and reconnects.
      }
      lines.put(Optional.empty());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean events(BlockingQueue<Optional<String>> lines, Listener listener)
      throws InterruptedException {
    String name = "message";
    String id = "";
    StringBuilder data = new StringBuilder();
    while (true) {
      Optional<String> next = lines.poll(silence.toMillis(), TimeUnit.MILLISECONDS);
      if (next == null || next.isEmpty()) {
        return false;
      }
      String line = next.get();
      if (line.isEmpty() && !data.isEmpty()) {
        if (!told(new ServerEvent(name, id, data.toString()), listener)) {
          return true;
        }
        data.setLength(0);
        name = "message";
      } else if (line.startsWith("event:")) {
        name = value(line);
      } else if (line.startsWith("id:")) {
        id = value(line);
      } else if (line.startsWith("data:")) {
        data.append(data.isEmpty() ? "" : "\n").append(value(line));
      } else if (line.startsWith("retry:")) {
        retry = Long.parseLong(value(line));
      }
    }
  }

  private boolean told(ServerEvent event, Listener listener) {
    if (failures > 0) {
      talk.accept("Connected again.");
      failures = 0;
    }
    boolean more = listener.takes(event);
    last = event.id();
    return more;
  }

  private static String value(String line) {
    String value = line.substring(line.indexOf(':') + 1);
    return value.startsWith(" ") ? value.substring(1) : value;
  }
}
