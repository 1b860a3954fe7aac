package io.capataz.supervisor.output;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.OutputReport.Chunk;
import io.capataz.common.protocol.OutputReport.Stream;
import io.capataz.supervisor.job.BelongsToJob;
import io.capataz.supervisor.job.Job;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.bson.types.Binary;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.annotation.Id;
import org.springframework.data.domain.Sort;
import org.springframework.data.domain.Sort.Direction;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.mapping.Document;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.stereotype.Repository;

/**
 * The output of scripts, in chunks that are inserted once and never changed.
 *
 * <p>A chunk's id is its position: job, attempt, stream, offset. So a repeated chunk is a duplicate
 * key, the length of a stream is the end of its last chunk, and no second document has to agree.
 * The bytes at a position never differ, even if an agent cuts the chunks differently the second
 * time.
 */
@Repository
public class JobOutputs implements BelongsToJob {

  private static final Logger log = LoggerFactory.getLogger(JobOutputs.class);

  private static final int RECENT = 10_000;

  private final MongoOperations mongo;

  /**
   * Where streams ended when this supervisor last wrote to them. Another may have written since.
   */
  private final Cache<AttemptId, Ends> recent = Caffeine.newBuilder().maximumSize(RECENT).build();

  JobOutputs(MongoOperations mongo) {
    this.mongo = mongo;
  }

  /** A stored chunk. */
  @Document("job_output")
  record Kept(@Id String id, Duration after, Binary bytes) {
    long offset() {
      return Long.parseLong(id.substring(id.lastIndexOf('/') + 1));
    }

    long end() {
      return offset() + bytes.length();
    }

    OutputPiece piece() {
      var stream = id.contains("/stderr/") ? Stream.STDERR : Stream.STDOUT;
      return new OutputPiece(stream, offset(), after, Bytes.of(bytes.getData()));
    }
  }

  /**
   * Where the streams of an attempt end.
   *
   * @param stdout bytes of standard output that are stored
   * @param stderr bytes of standard error that are stored
   */
  public record Ends(long stdout, long stderr) {
    static final Ends NONE = new Ends(0, 0);

    private long of(Stream stream) {
      return switch (stream) {
        case STDOUT -> stdout;
        case STDERR -> stderr;
      };
    }

    private Ends with(Stream stream, long end) {
      return switch (stream) {
        case STDOUT -> new Ends(end, stderr);
        case STDERR -> new Ends(stdout, end);
      };
    }
  }

  /**
   * Stores the chunks that continue their streams; skips bytes that are already stored.
   *
   * @return where the streams end now
   */
  public Ends add(AttemptId attempt, List<Chunk> chunks) {
    var ends = recent.getIfPresent(attempt);
    if (ends == null) {
      ends = isBeginning(chunks) ? Ends.NONE : ends(attempt);
    }
    for (var chunk : chunks) {
      ends = ends.with(chunk.stream(), add(attempt, chunk, ends.of(chunk.stream())));
    }
    recent.put(attempt, ends);
    return ends;
  }

  /**
   * Stores what several attempts have printed first, with one command. What of it is stored already
   * or does not begin its stream is left to {@link #add}.
   */
  public void addBeginnings(Map<AttemptId, List<Chunk>> beginnings) {
    var chunks = new ArrayList<Kept>();
    var ends = new HashMap<AttemptId, Ends>();
    beginnings.forEach(
        (attempt, printed) -> {
          if (recent.getIfPresent(attempt) == null && isBeginning(printed)) {
            ends.put(attempt, beginning(attempt, printed, chunks));
          }
        });
    if (ends.size() > 1) {
      try {
        var _ = mongo.insert(chunks, Kept.class);
        recent.putAll(ends);
      } catch (DuplicateKeyException repeated) {
        log.atDebug().setCause(repeated).log("output came again");
      }
    }
  }

  /** Adds the chunks that follow each other, and returns where the streams end then. */
  private static Ends beginning(AttemptId attempt, List<Chunk> printed, List<Kept> chunks) {
    var ends = Ends.NONE;
    for (var chunk : printed) {
      if (chunk.offset() == ends.of(chunk.stream())) {
        chunks.add(
            new Kept(
                id(attempt, chunk.stream(), chunk.offset()),
                chunk.after(),
                new Binary(chunk.bytes().toArray())));
        ends = ends.with(chunk.stream(), chunk.offset() + chunk.bytes().length());
      }
    }
    return ends;
  }

  /** Whether these are probably the first chunks of the attempt. */
  private static boolean isBeginning(List<Chunk> chunks) {
    return Arrays.stream(Stream.values())
        .flatMap(stream -> chunks.stream().filter(chunk -> chunk.stream() == stream).limit(1))
        .allMatch(chunk -> chunk.offset() == 0);
  }

  /**
   * Stores a chunk.
   *
   * @param known where a chunk of the stream ended some time ago; the stream may have grown since
   * @return where the stream ends now
   */
  private long add(AttemptId attempt, Chunk chunk, long known) {
    var end = chunk.offset() > known ? length(attempt, chunk.stream()) : known;
    if (chunk.offset() > end || chunk.offset() + chunk.bytes().length() <= end) {
      return end;
    }
    var fresh = chunk.bytes().withoutFirst((int) (end - chunk.offset()));
    try {
      mongo.insert(
          new Kept(id(attempt, chunk.stream(), end), chunk.after(), new Binary(fresh.toArray())));
      return end + fresh.length();
    } catch (DuplicateKeyException grown) {
      // It was sent twice, or to another supervisor.
      return length(attempt, chunk.stream());
    }
  }

  public Ends ends(AttemptId attempt) {
    return new Ends(length(attempt, Stream.STDOUT), length(attempt, Stream.STDERR));
  }

  /** The end of a stream. */
  private long length(AttemptId attempt, Stream stream) {
    var last =
        mongo.findOne(
            Query.query(
                    Criteria.where(Kept::id)
                        .gte(id(attempt, stream, 0))
                        .lte(id(attempt, stream, Long.MAX_VALUE)))
                .with(Sort.by(Direction.DESC, Kept::id)),
            Kept.class);
    return last == null ? 0 : last.end();
  }

  /** The number of stored bytes of an attempt, both streams. */
  public long length(AttemptId attempt) {
    var ends = ends(attempt);
    return ends.stdout() + ends.stderr();
  }

  /**
   * Standard output from its beginning to the end of what is stored, read in pieces, however long
   * it is.
   */
  public InputStream stdout(AttemptId attempt) {
    return new StoredStream(this, attempt, Stream.STDOUT);
  }

  /** The number of stored bytes of standard output. */
  public long stdoutLength(AttemptId attempt) {
    return length(attempt, Stream.STDOUT);
  }

  /** Some chunks of one stream from an offset on, in order. */
  List<OutputPiece> from(AttemptId attempt, Stream stream, long offset, int limit) {
    return mongo
        .find(
            Query.query(
                    Criteria.where(Kept::id)
                        .gte(id(attempt, stream, offset))
                        .lte(id(attempt, stream, Long.MAX_VALUE)))
                .with(Sort.by(Kept::id))
                .limit(limit),
            Kept.class)
        .stream()
        .map(Kept::piece)
        .toList();
  }

  /** The rest of the chunk that contains an offset; empty if a chunk begins there. */
  Optional<OutputPiece> at(AttemptId attempt, Stream stream, long offset) {
    var chunk =
        mongo.findOne(
            Query.query(
                    Criteria.where(Kept::id)
                        .gte(id(attempt, stream, 0))
                        .lt(id(attempt, stream, offset)))
                .with(Sort.by(Direction.DESC, Kept::id)),
            Kept.class);
    return Optional.ofNullable(chunk)
        .filter(kept -> kept.end() > offset)
        .map(kept -> kept.piece().from(offset));
  }

  /** Removes all output of a job, of all attempts. */
  @Override
  public void removeFor(Job job) {
    if (job.attempt() > 0) {
      var ofJob = Criteria.where(Kept::id).gte(job.id() + "/").lt(job.id() + "0");
      var _ = idempotent(() -> mongo.remove(Query.query(ofJob), Kept.class));
    }
  }

  private static String id(AttemptId attempt, Stream stream, long offset) {
    return "%s/%06d/%s/%019d"
        .formatted(attempt.job(), attempt.number(), stream.name().toLowerCase(Locale.ROOT), offset);
  }
}
