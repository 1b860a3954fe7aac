package io.capataz.supervisor.output;

import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.OutputReport.Stream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Both streams of an attempt as one, in the order they were read from the script. Reading stops at
 * the end of the stored output; a later call continues there.
 */
public final class MergedOutput {

  private static final int CHUNKS = 32;

  private final Reader stdout;
  private final Reader stderr;

  MergedOutput(JobOutputs outputs, AttemptId attempt) {
    this(outputs, attempt, 0, 0);
  }

  /** Starts at these offsets of both streams. */
  MergedOutput(JobOutputs outputs, AttemptId attempt, long stdout, long stderr) {
    this.stdout = new Reader(outputs, attempt, Stream.STDOUT, stdout);
    this.stderr = new Reader(outputs, attempt, Stream.STDERR, stderr);
  }

  /** All of it as text. */
  public static String all(JobOutputs outputs, AttemptId attempt) {
    var merged = new MergedOutput(outputs, attempt);
    var bytes = new ByteArrayOutputStream();
    for (var next = merged.next(); next.isPresent(); next = merged.next()) {
      bytes.writeBytes(next.get().bytes().toArray());
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** The next piece; empty if there is nothing more yet. */
  Optional<OutputPiece> next() {
    var out = stdout.first();
    var err = stderr.first();
    if (out == null && err == null) {
      return Optional.empty();
    }
    var outComesFirst = err == null || (out != null && out.after().compareTo(err.after()) <= 0);
    return Optional.of(outComesFirst ? stdout.take() : stderr.take());
  }

  private static final class Reader {
    private final JobOutputs outputs;
    private final AttemptId attempt;
    private final Stream stream;
    private final Deque<OutputPiece> read = new ArrayDeque<>();
    private long position;

    Reader(JobOutputs outputs, AttemptId attempt, Stream stream, long position) {
      this.outputs = outputs;
      this.attempt = attempt;
      this.stream = stream;
      this.position = position;
      if (position > 0) {
        outputs.at(attempt, stream, position).ifPresent(this::add);
      }
    }

    @Nullable OutputPiece first() {
      if (read.isEmpty()) {
        outputs.from(attempt, stream, position, CHUNKS).forEach(this::add);
      }
      return read.peek();
    }

    OutputPiece take() {
      return read.remove();
    }

    private void add(OutputPiece piece) {
      read.add(piece);
      position = piece.end();
    }
  }
}
