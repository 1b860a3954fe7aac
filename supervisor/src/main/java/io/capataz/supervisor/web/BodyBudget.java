package io.capataz.supervisor.web;

import java.util.concurrent.atomic.AtomicLong;
import org.springframework.stereotype.Component;

/**
 * How many bytes of bodies are held at once, all requests together. Small bodies are not counted,
 * so that large ones cannot keep them out.
 */
@Component
class BodyBudget {

  /** Not counted in each request. */
  static final int FREE = 64 * 1024;

  /** A body becomes a tree of several times its size, so that most of the heap is for others. */
  private static final int PART_OF_HEAP = 12;

  private final long most;
  private final AtomicLong held = new AtomicLong();

  BodyBudget() {
    this(Math.max(2L * ApiInputFilter.MAX_BODY, Runtime.getRuntime().maxMemory() / PART_OF_HEAP));
  }

  BodyBudget(long most) {
    this.most = most;
  }

  /** What one request holds; closed when the request has been answered. */
  final class Share implements AutoCloseable {
    private long counted;

    /**
     * Makes room for a body of so many bytes.
     *
     * @throws ApiProblem 503 if others hold too much
     */
    void growTo(int bytes) {
      var more = Math.max(0, bytes - FREE) - counted;
      if (more <= 0) {
        return;
      }
      if (held.addAndGet(more) > most) {
        held.addAndGet(-more);
        throw ApiProblem.unavailable(
            "busy", "Too many large requests are in progress. Retry in a few seconds.", 5);
      }
      counted += more;
    }

    @Override
    public void close() {
      held.addAndGet(-counted);
      counted = 0;
    }
  }

  Share share() {
    return new Share();
  }
}
