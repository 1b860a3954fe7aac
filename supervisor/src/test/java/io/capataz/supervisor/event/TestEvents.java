package io.capataz.supervisor.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.AsyncApi;
import io.capataz.supervisor.TestSupervisor;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A client that reads server-sent events, of the form that {@link AsyncApi} says. */
final class TestEvents implements AutoCloseable {

  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final long PATIENCE = 20;

  /** An event as it was received. */
  record Event(String name, String id, JsonNode data) {
    String text(String pointer) {
      return data.at(pointer).asString();
    }

    /** As it comes over a WebSocket. */
    JsonNode message() {
      var message = MessageJson.mapper().createObjectNode().put("event", name).put("id", id);
      message.set("data", data);
      return message;
    }
  }

  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final Lines lines = new Lines();
  private final String path;
  private final CompletableFuture<Integer> status = new CompletableFuture<>();
  private final CompletableFuture<HttpResponse<Void>> answer;

  private TestEvents(
      TestSupervisor supervisor, String token, String path, @Nullable String lastEvent) {
    this.path = path;
    var request =
        supervisor
            .request(path)
            .header("Authorization", "Bearer " + token)
            .header("Accept", "text/event-stream")
            .GET();
    if (lastEvent != null) {
      request.header("Last-Event-ID", lastEvent);
    }
    answer =
        HTTP.sendAsync(
            request.build(),
            info -> {
              status.complete(info.statusCode());
              return BodyHandlers.fromLineSubscriber(lines).apply(info);
            });
  }

  static TestEvents of(TestSupervisor supervisor, String path) {
    return new TestEvents(supervisor, supervisor.token(), path, null);
  }

  static TestEvents as(String token, TestSupervisor supervisor, String path) {
    return new TestEvents(supervisor, token, path, null);
  }

  static TestEvents after(String lastEvent, TestSupervisor supervisor, String path) {
    return new TestEvents(supervisor, supervisor.token(), path, lastEvent);
  }

  int status() {
    return status.orTimeout(PATIENCE, TimeUnit.SECONDS).join();
  }

  /** The next event. */
  Event next() throws InterruptedException {
    var event = events.poll(PATIENCE, TimeUnit.SECONDS);
    assertThat(event).as("an event").isNotNull();
    AsyncApi.check(path, event.message());
    return event;
  }

  /** The next event that is wanted; others are passed over. */
  Event next(Predicate<Event> wanted) throws InterruptedException {
    while (true) {
      var event = next();
      if (wanted.test(event)) {
        return event;
      }
    }
  }

  /** The next event of that name about a job. */
  Event next(String name, String job) throws InterruptedException {
    return next(event -> event.name().equals(name) && event.text("/id").equals(job));
  }

  /** Passes over what comes until the job has that status. */
  Event until(String job, String status) throws InterruptedException {
    return next(
        event ->
            event.name().equals("job")
                && event.text("/id").equals(job)
                && event.text("/status").equals(status));
  }

  /** Those that have come, and are not read yet. */
  List<Event> arrived() {
    var all = new ArrayList<Event>();
    events.drainTo(all);
    return all;
  }

  /** Waits until the supervisor ends the stream. */
  void awaitEnd() {
    answer.orTimeout(PATIENCE, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    lines.cancel();
    answer.cancel(true);
  }

  /** Puts lines together to events. */
  private final class Lines implements Flow.Subscriber<String> {
    private Flow.@Nullable Subscription subscription;
    private String name = "";
    private String id = "";
    private String data = "";

    void cancel() {
      if (subscription != null) {
        subscription.cancel();
      }
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      given.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(String line) {
      if (line.startsWith("event: ")) {
        name = line.substring(7);
      } else if (line.startsWith("id: ")) {
        id = line.substring(4);
      } else if (line.startsWith("data: ")) {
        data = line.substring(6);
      } else if (line.isEmpty() && !name.isEmpty()) {
        events.add(new Event(name, id, MessageJson.mapper().readTree(data)));
        name = "";
      }
    }

    @Override
    public void onError(Throwable failure) {
      // The answer fails with it.
    }

    @Override
    public void onComplete() {
      // The answer is complete.
    }
  }
}
