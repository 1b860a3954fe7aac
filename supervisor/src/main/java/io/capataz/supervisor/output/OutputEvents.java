package io.capataz.supervisor.output;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.OutputReport.Stream;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.JobView;
import io.capataz.supervisor.job.WireState;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A job as server-sent events. An event's id contains the attempt and the offsets sent of both
 * streams, so that a client that reconnects with it misses nothing and receives nothing twice.
 */
final class OutputEvents implements OutputFollower {

  /**
   * The interval of comments when there is no event; sending fails if the client has disconnected.
   */
  private static final Duration HEARTBEAT = Duration.ofSeconds(10);

  private static final String LAST = "end";

  private static final Pattern ID = Pattern.compile("(\\d{1,9})-(\\d{1,18})-(\\d{1,18})");

  private final OutputStream out;
  private final LongSupplier nanos;
  private final WholeCharacters characters = new WholeCharacters();
  private int attempt;
  private long stdout;
  private long stderr;
  private @Nullable StateView told;
  private long lastComment;

  /**
   * @param lastEvent the id of the last event that the follower has seen; null: none
   * @param nanos a monotonic clock
   */
  OutputEvents(OutputStream out, @Nullable String lastEvent, LongSupplier nanos)
      throws IOException {
    this.out = out;
    this.nanos = nanos;
    this.lastComment = nanos.getAsLong();
    var id = ID.matcher(lastEvent == null ? "" : lastEvent);
    if (id.matches()) {
      attempt = Integer.parseInt(id.group(1));
      stdout = Long.parseLong(id.group(2));
      stderr = Long.parseLong(id.group(3));
    }
    out.write("retry: 2000\n\n".getBytes(StandardCharsets.US_ASCII));
  }

  /** Whether the client has already received the last event. */
  static boolean isLast(@Nullable String lastEvent) {
    return LAST.equals(lastEvent);
  }

  /** The state of a job. */
  record StateView(String status, String lifecycle, String state, int attempt) {}

  /**
   * A piece of output.
   *
   * @param offset bytes of the stream before it
   * @param after seconds from the start of the script
   */
  record PieceView(int attempt, String stream, long offset, double after, String text) {}

  /**
   * The end of a job.
   *
   * @param duration seconds
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record EndView(
      String status,
      String lifecycle,
      String state,
      @Nullable Outcome outcome,
      @Nullable Integer exitCode,
      @Nullable Double duration) {}

  @Override
  public boolean job(Job job) throws IOException {
    var state = WireState.of(job);
    var now =
        new StateView(state.statusWord(), state.lifecycle(), state.state(), job.shownAttempt());
    if (now.equals(told)) {
      return false;
    }
    told = now;
    send("state", position(), now);
    return true;
  }

  @Override
  public MergedOutput begin(JobOutputs outputs, AttemptId next) {
    if (next.number() != attempt) {
      attempt = next.number();
      stdout = 0;
      stderr = 0;
    }
    characters.forget();
    return new MergedOutput(outputs, next, stdout, stderr);
  }

  @Override
  public void piece(OutputPiece piece) throws IOException {
    var whole = characters.of(piece);
    if (whole.isPresent()) {
      send(whole.get());
    }
  }

  private void send(OutputPiece piece) throws IOException {
    if (piece.stream() == Stream.STDOUT) {
      stdout = piece.end();
    } else {
      stderr = piece.end();
    }
    var view = JobOutputController.viewOf(piece);
    send(
        "output",
        position(),
        new PieceView(attempt, view.stream(), view.offset(), view.after(), view.text()));
  }

  @Override
  public void end(Job job) throws IOException {
    for (var piece : characters.left()) {
      send(piece);
    }
    var state = WireState.of(job);
    var ending = job.ending();
    send(
        LAST,
        LAST,
        new EndView(
            state.statusWord(),
            state.lifecycle(),
            state.state(),
            ending == null ? null : ending.outcome(),
            ending == null ? null : ending.exitCode(),
            ending == null || ending.ran() == null ? null : JobView.seconds(ending.ran())));
    flush();
  }

  @Override
  public boolean idle(Duration since, Duration longest) throws IOException {
    var now = nanos.getAsLong();
    if (now - lastComment > HEARTBEAT.toNanos()) {
      lastComment = now;
      out.write(":\n\n".getBytes(StandardCharsets.US_ASCII));
      out.flush();
    }
    return true;
  }

  @Override
  public void flush() throws IOException {
    out.flush();
  }

  private String position() {
    return attempt + "-" + stdout + "-" + stderr;
  }

  private void send(String event, String id, Object data) throws IOException {
    out.write(("event: " + event + "\nid: " + id + "\ndata: ").getBytes(StandardCharsets.US_ASCII));
    out.write(MessageJson.write(data));
    out.write("\n\n".getBytes(StandardCharsets.US_ASCII));
  }
}
