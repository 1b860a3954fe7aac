package io.capataz.supervisor.client;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.job.JobSignals;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.OpenRequests;
import io.capataz.supervisor.web.TextSocket;
import io.capataz.supervisor.web.TextSocket.Close;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/**
 * The WebSockets of clients. They get the messages of seed 002's system, in its order, at least
 * every second, and sooner when something happens here.
 */
@Component
class TaskSockets {

  private static final Duration TICK = Duration.ofSeconds(1);

  /** Changes that come faster go together. */
  private static final Duration PAUSE = Duration.ofMillis(50);

  /** How many tasks of a client are listed, the newest. */
  static final int MOST = 100;

  private final Starts starts;
  private final ClientTasks tasks;
  private final SeenTasks seen;
  private final JobSignals signals;
  private final ExecutorService background;
  private final InstantSource clock;

  /** Of all clients, with a token or without. */
  private final OpenRequests open = new OpenRequests(1_000, 500);

  TaskSockets(
      Starts starts,
      ClientTasks tasks,
      SeenTasks seen,
      JobSignals signals,
      ExecutorService background,
      InstantSource clock) {
    this.starts = starts;
    this.tasks = tasks;
    this.seen = seen;
    this.signals = signals;
    this.background = background;
    this.clock = clock;
  }

  /**
   * Answers a request with a WebSocket.
   *
   * @throws ApiProblem 429 if the organization has too many of them
   */
  void open(
      String organization,
      HttpServletRequest request,
      HttpServletResponse response,
      TextSocket.Handler handler)
      throws IOException {
    TextSocket.open(request, response, background, open.enter(organization), handler);
  }

  /** The newest tasks of a client, by their ids. */
  Map<String, StateTaskView> all(String scope) {
    var views = new LinkedHashMap<String, StateTaskView>();
    for (var task : seen.of(tasks.newest(scope, MOST))) {
      views.put(task.task().taskId(), StateTaskView.of(task, clock.instant()));
    }
    return views;
  }

  /** Sends all tasks of a client until its token is revoked. */
  TextSocket.Handler ofAll(String scope, BooleanSupplier valid) {
    return socket -> {
      while (valid.getAsBoolean()) {
        send(socket, "state_update", Map.of("all_tasks", all(scope)));
        Thread.sleep(TICK);
      }
      return Close.REVOKED;
    };
  }

  /** Sends one task of a client until it has ended. */
  TextSocket.Handler ofOne(String scope, String taskId, BooleanSupplier valid) {
    return socket -> {
      Supplier<Optional<SeenTask>> look = () -> starts.find(scope, taskId);
      while (valid.getAsBoolean()) {
        var before = signals.now(jobOf(scope, taskId));
        var task = look.get();
        if (task.isEmpty()) {
          return Close.DONE;
        }
        send(socket, "state_update", StateTaskView.of(task.get(), clock.instant()));
        if (task.get().isOver()) {
          return Close.DONE;
        }
        rest(task.get(), before);
      }
      return Close.REVOKED;
    };
  }

  private String jobOf(String scope, String taskId) {
    return tasks.find(scope, taskId).map(ClientTask::job).orElse("");
  }

  /** Sends a task that was started without a token: its history, then what is new. */
  TextSocket.Handler ofAnybody(String scope, String taskId) {
    return socket -> {
      var job = jobOf(scope, taskId);
      var before = signals.now(job);
      var task = starts.find(scope, taskId);
      if (task.isEmpty()) {
        send(socket, "status_update", unknown(taskId));
        return Close.DONE;
      }
      var history = task.get().history();
      send(socket, "history", entries(taskId, "history", history));
      var sent = history.getLast().order();
      while (true) {
        sent = sendNews(socket, task.get(), sent);
        if (task.get().isOver()) {
          return Close.DONE;
        }
        rest(task.get(), before);
        before = signals.now(job);
        task = starts.find(scope, taskId);
        if (task.isEmpty()) {
          return Close.DONE;
        }
      }
    };
  }

  private long sendNews(TextSocket socket, SeenTask task, long sent) throws IOException {
    var taskId = task.task().taskId();
    var fresh = task.history().stream().filter(entry -> entry.order() > sent).toList();
    if (!fresh.isEmpty()) {
      send(socket, "new_history", entries(taskId, "new_entries", fresh));
    }
    send(socket, "status_update", DirectTaskView.of(task, clock.instant()));
    return fresh.isEmpty() ? sent : fresh.getLast().order();
  }

  private void rest(SeenTask task, long before) throws InterruptedException {
    Thread.sleep(PAUSE);
    signals.await(task.job().id(), before, TICK.minus(PAUSE));
  }

  private ObjectNode unknown(String taskId) {
    return MessageJson.mapper()
        .createObjectNode()
        .put("task_id", taskId)
        .put("status", "NOT_FOUND")
        .put("message", "Task " + taskId + " not found")
        .put("timestamp", SeenTask.time(clock.instant()));
  }

  private static ObjectNode entries(String taskId, String name, List<SeenTask.Entry> entries) {
    var data = MessageJson.mapper().createObjectNode().put("task_id", taskId);
    var list = data.putArray(name);
    entries.forEach(entry -> list.add(entry.view()));
    return data;
  }

  private static void send(TextSocket socket, String type, Object data) throws IOException {
    var message = MessageJson.mapper().createObjectNode().put("type", type);
    message.set("data", MessageJson.mapper().valueToTree(data));
    socket.send(message.toString());
  }
}
