package io.capataz.supervisor.output;

import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.JobSignals;
import io.capataz.supervisor.job.JobView;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.job.ScriptOutput;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.OpenRequests;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpRange;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** The output of jobs, live and afterwards. */
@RestController
class JobOutputController {

  /** The longest time a follower sleeps before it checks again on its own. */
  private static final Duration LOOK_AGAIN = Duration.ofMillis(500);

  /**
   * How long a follower is kept without anything to send. Only sending shows whether the client is
   * still connected.
   */
  private static final Duration LONGEST_SILENCE = Duration.ofHours(1);

  private final Jobs jobs;
  private final JobOutputs outputs;
  private final JobSignals watch;
  private final OpenRequests open;

  JobOutputController(Jobs jobs, JobOutputs outputs, JobSignals watch, OpenRequests open) {
    this.open = open;
    this.jobs = jobs;
    this.outputs = outputs;
    this.watch = watch;
  }

  /**
   * {@code GET /{customer}/job/{id}/output} and {@code GET /job/{id}/output}: returns what the
   * script printed in its last attempt, both streams in the order they were read. {@code Accept}
   * selects the format:
   *
   * <ul>
   *   <li>the bytes, by default. Once the job has ended, {@code Range} requests a part of them
   *       (206; 416 if it is outside)
   *   <li>{@code application/x-ndjson}: one JSON object per piece, {@code {stream, offset, after,
   *       text}}
   *   <li>{@code text/event-stream}: server-sent events {@code state}, {@code output} and finally
   *       {@code end}; resumes after {@code Last-Event-ID}, 204 after the last one
   *   <li>{@code application/json}: not what it printed but what it returned, as a list of strings;
   *       seed 004's system calls that the output
   * </ul>
   *
   * <p>{@code ?follow=true} keeps the response open until the job has ended and everything is sent;
   * events always do. The bytes and the pieces end when a job has printed nothing for an hour.
   */
  @GetMapping({"/{customer}/job/{id}/output", "/job/{id:[0-9a-f]+}/output"})
  @Accepts(query = "follow")
  @Allow(role = Role.VIEWER, scope = Scope.JOB_READ)
  void output(
      @PathVariable String id,
      ApiInput input,
      Caller.Member caller,
      @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String lastEvent,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException, InterruptedException {
    Supplier<Job> look =
        () -> jobs.visible(caller, id).orElseThrow(() -> ApiProblem.notFound("The job"));
    var job = look.get();
    var accept = Optional.ofNullable(request.getHeader(HttpHeaders.ACCEPT)).orElse("");
    var follow =
        !job.state().isFinal()
            && (accept.contains(MediaType.TEXT_EVENT_STREAM_VALUE) || input.queryTruth("follow"));
    try (var _ = follow ? open.enter(job.organization()) : null) {
      send(new Asked(id, job, look, accept, follow, lastEvent), request, response);
    }
  }

  /**
   * A request for output.
   *
   * @param job as it was found first
   * @param follow whether the response stays open until the job has ended
   */
  private record Asked(
      String id,
      Job job,
      Supplier<Job> look,
      String accept,
      boolean follow,
      @Nullable String lastEvent) {}

  private void send(Asked asked, HttpServletRequest request, HttpServletResponse response)
      throws IOException, InterruptedException {
    var job = asked.job();
    var accept = asked.accept();
    response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store, no-transform");
    response.setHeader("X-Content-Type-Options", "nosniff");
    if (accept.contains(MediaType.TEXT_EVENT_STREAM_VALUE)) {
      if (job.state().isFinal() && OutputEvents.isLast(asked.lastEvent())) {
        // A browser does not reconnect after this status.
        response.setStatus(HttpStatus.NO_CONTENT.value());
        return;
      }
      response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
      response.flushBuffer();
      follow(
          asked,
          true,
          new OutputEvents(response.getOutputStream(), asked.lastEvent(), System::nanoTime));
    } else if (accept.contains("application/x-ndjson")) {
      response.setContentType("application/x-ndjson");
      response.flushBuffer();
      follow(asked, asked.follow(), new Pieces(response.getOutputStream()));
    } else if (accept.contains(MediaType.APPLICATION_JSON_VALUE)) {
      response.setContentType(MediaType.APPLICATION_JSON_VALUE);
      response.getOutputStream().write(MessageJson.write(returned(job)));
    } else {
      response.setContentType("text/plain;charset=UTF-8");
      if (job.state().isFinal()) {
        sendKept(job, request, response);
      } else {
        response.flushBuffer();
        follow(asked, asked.follow(), new Plain(response.getOutputStream()));
      }
    }
  }

  private static List<String> returned(Job job) {
    var ending = job.ending();
    return ending == null || ending.result() == null ? List.of() : ScriptOutput.of(ending.result());
  }

  /** Sends the bytes of a finished job, or the requested range. */
  private void sendKept(Job job, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setHeader(HttpHeaders.ACCEPT_RANGES, "bytes");
    if (job.shownAttempt() == 0) {
      response.setContentLengthLong(0); // It never began.
      return;
    }
    var attempt = new AttemptId(job.id(), job.shownAttempt());
    var total = outputs.length(attempt);
    var range = range(request, response, total);
    var first = 0L;
    var count = total;
    if (range.isPresent()) {
      first = range.get().getRangeStart(total);
      count = range.get().getRangeEnd(total) - first + 1;
      response.setStatus(HttpStatus.PARTIAL_CONTENT.value());
      response.setHeader(
          HttpHeaders.CONTENT_RANGE, "bytes %d-%d/%d".formatted(first, first + count - 1, total));
    }
    response.setContentLengthLong(count);
    var out = response.getOutputStream();
    var merged = new MergedOutput(outputs, attempt);
    var position = 0L;
    while (count > 0) {
      var piece = merged.next();
      if (piece.isEmpty()) {
        return;
      }
      var bytes = piece.get().bytes().toArray();
      var from = (int) Math.min(Math.max(first - position, 0), bytes.length);
      var length = (int) Math.min(count, bytes.length - from);
      out.write(bytes, from, length);
      count -= length;
      position += bytes.length;
    }
  }

  /** The requested range. A request for several ranges may be answered with everything, and is. */
  private static Optional<HttpRange> range(
      HttpServletRequest request, HttpServletResponse response, long total) {
    var header = request.getHeader(HttpHeaders.RANGE);
    if (header == null || !header.startsWith("bytes=") || request.getHeader("If-Range") != null) {
      return Optional.empty();
    }
    List<HttpRange> ranges;
    try {
      ranges = HttpRange.parseRanges(header);
    } catch (IllegalArgumentException malformed) {
      return Optional.empty();
    }
    if (ranges.size() != 1) {
      return Optional.empty();
    }
    var range = ranges.getFirst();
    if (total == 0 || range.getRangeStart(total) >= total) {
      response.setHeader(HttpHeaders.CONTENT_RANGE, "bytes */" + total);
      throw ApiProblem.noSuchRange(
          "The requested range is outside the output, which has " + total + " bytes.");
    }
    return Optional.of(range);
  }

  /** Sends a follower the existing output, then new output until the job has ended. */
  private void follow(Asked asked, boolean stays, OutputFollower follower)
      throws IOException, InterruptedException {
    MergedOutput merged = null;
    var attempt = 0;
    var lastSent = System.nanoTime();
    while (true) {
      var seen = watch.now(asked.id());
      // The state is read before the chunks: all output is stored before a job ends.
      var job = asked.look().get();
      if (job.shownAttempt() > 0 && (merged == null || job.shownAttempt() != attempt)) {
        attempt = job.shownAttempt();
        merged = follower.begin(outputs, new AttemptId(job.id(), attempt));
      }
      var sent = !job.state().isFinal() && follower.job(job);
      if (merged != null) {
        for (var piece = merged.next(); piece.isPresent(); piece = merged.next()) {
          follower.piece(piece.get());
          sent = true;
        }
      }
      if (!stays || job.state().isFinal()) {
        follower.end(job);
        return;
      }
      var now = System.nanoTime();
      if (sent) {
        lastSent = now;
        follower.flush();
      } else if (!follower.idle(Duration.ofNanos(now - lastSent), LONGEST_SILENCE)) {
        return;
      }
      watch.await(asked.id(), seen, LOOK_AGAIN);
    }
  }

  /** Receives the raw bytes. */
  private record Plain(OutputStream out) implements OutputFollower {
    @Override
    public void piece(OutputPiece piece) throws IOException {
      out.write(piece.bytes().toArray());
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }
  }

  /**
   * A piece of output in a response.
   *
   * @param offset number of bytes in the stream before it
   * @param after seconds from the start of the script
   */
  record ChunkView(String stream, long offset, double after, String text) {}

  /** Receives one JSON object per piece. */
  private static final class Pieces implements OutputFollower {
    private final OutputStream out;
    private final WholeCharacters characters = new WholeCharacters();

    Pieces(OutputStream out) {
      this.out = out;
    }

    @Override
    public MergedOutput begin(JobOutputs outputs, AttemptId attempt) {
      characters.forget();
      return OutputFollower.super.begin(outputs, attempt);
    }

    @Override
    public void piece(OutputPiece piece) throws IOException {
      var whole = characters.of(piece);
      if (whole.isPresent()) {
        send(whole.get());
      }
    }

    private void send(OutputPiece piece) throws IOException {
      out.write(MessageJson.write(viewOf(piece)));
      out.write('\n');
    }

    @Override
    public void end(Job job) throws IOException {
      for (var piece : characters.left()) {
        send(piece);
      }
      out.flush();
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }
  }

  static ChunkView viewOf(OutputPiece piece) {
    return new ChunkView(
        JobView.lower(piece.stream()),
        piece.offset(),
        JobView.seconds(piece.after()),
        piece.bytes().asUtf8());
  }
}
