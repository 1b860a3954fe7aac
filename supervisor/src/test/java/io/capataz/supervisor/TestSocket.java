package io.capataz.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.MessageJson;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A client's WebSocket that receives JSON, of the form that {@link AsyncApi} says. */
public final class TestSocket implements WebSocket.Listener, AutoCloseable {

  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final long PATIENCE = 20;

  private final BlockingQueue<JsonNode> messages = new LinkedBlockingQueue<>();
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final StringBuilder message = new StringBuilder();
  private final WebSocket socket;
  private final String path;

  private TestSocket(TestSupervisor supervisor, String path, String... headers) {
    this.path = path;
    var address = supervisor.request(path).build().uri().toString();
    var builder = HTTP.newWebSocketBuilder();
    for (var i = 0; i < headers.length; i += 2) {
      builder.header(headers[i], headers[i + 1]);
    }
    socket = builder.buildAsync(URI.create(address.replaceFirst("^http", "ws")), this).join();
  }

  /** Opens one without a token. */
  public static TestSocket open(TestSupervisor supervisor, String path, String... headers) {
    return new TestSocket(supervisor, path, headers);
  }

  /** The status with which a handshake is refused. */
  public static int refused(TestSupervisor supervisor, String path, String... headers) {
    try (var _ = new TestSocket(supervisor, path, headers)) {
      throw new AssertionError(path + " was opened.");
    } catch (CompletionException refused) {
      if (refused.getCause() instanceof WebSocketHandshakeException handshake) {
        return handshake.getResponse().statusCode();
      }
      throw refused;
    }
  }

  /** The next message. */
  public JsonNode next() throws InterruptedException {
    var next = messages.poll(PATIENCE, TimeUnit.SECONDS);
    assertThat(next).as("a message").isNotNull();
    AsyncApi.check(path, next);
    return next;
  }

  /** The next message that is wanted; others are passed over. */
  public JsonNode next(Predicate<JsonNode> wanted) throws InterruptedException {
    for (var next = next(); ; next = next()) {
      if (wanted.test(next)) {
        return next;
      }
    }
  }

  /** Says something. */
  public void say(String text) {
    socket.sendText(text, true).join();
  }

  /** The code with which the supervisor has closed it. */
  public int closed() {
    return closed.orTimeout(PATIENCE, TimeUnit.SECONDS).join();
  }

  /** Whether nothing has arrived that was not read. */
  public boolean isQuiet() {
    return messages.isEmpty();
  }

  @Override
  public void close() {
    socket.abort();
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
    message.append(part);
    if (last) {
      messages.add(MessageJson.mapper().readTree(message.toString()));
      message.setLength(0);
    }
    from.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    closed.complete(code);
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable failure) {
    closed.complete(1006);
  }
}
