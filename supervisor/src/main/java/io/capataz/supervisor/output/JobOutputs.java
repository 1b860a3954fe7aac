package io.capataz.supervisor.output;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.OutputReport.Chunk;
import io.capataz.common.protocol.OutputReport.Stream;
import io.capataz.supervisor.job.BelongsToJob;
import io.capataz.supervisor.job.Job;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.bson.types.Binary;
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

  private final MongoOperations mongo;

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
   * Stores a chunk if it continues its stream; skips bytes that are already stored.
   *
   * @return where the stream ends now
   */
  public long add(AttemptId attempt, Chunk chunk) {
    var end = length(attempt, chunk.stream());
    if (chunk.offset() > end || chunk.offset() + chunk.bytes().length() <= end) {
      return end;
    }
    var fresh = chunk.bytes().withoutFirst((int) (end - chunk.offset()));
    try {
      mongo.insert(
          new Kept(id(attempt, chunk.stream(), end), chunk.after(), new Binary(fresh.toArray())));
      return end + fresh.length();
    } catch (DuplicateKeyException sentTwice) {
      // The same chunk was sent twice at the same time; the other request was first.
      return length(attempt, chunk.stream());
    }
  }

  /** The end of a stream. */
  public long length(AttemptId attempt, Stream stream) {
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
    return length(attempt, Stream.STDOUT) + length(attempt, Stream.STDERR);
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
