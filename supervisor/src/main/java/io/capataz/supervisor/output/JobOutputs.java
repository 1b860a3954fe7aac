package io.capataz.supervisor.output;

import static io.capataz.supervisor.runtime.StoreCalls.repeatable;

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
 * What scripts printed, in chunks that are inserted once and never changed.
 *
 * <p>A chunk's id is its place: job, attempt, stream, offset. So a repeated chunk is a duplicate
 * key, the length of a stream is where its last chunk ends, and no second document has to agree.
 * The bytes at a place are the same whoever sends them, even if an agent cuts them otherwise the
 * second time.
 */
@Repository
public class JobOutputs implements BelongsToJob {

  private final MongoOperations mongo;

  JobOutputs(MongoOperations mongo) {
    this.mongo = mongo;
  }

  /** A chunk as it is kept. */
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
   * Takes a chunk if it goes on where its stream ends; passes over bytes that are already there.
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
      // The same chunk on its way twice at the same time; one of the two was first.
      return length(attempt, chunk.stream());
    }
  }

  /** Where a stream ends. */
  public long length(AttemptId attempt, Stream stream) {
    var last =
        mongo.findOne(
            Query.query(
                    Criteria.where("_id")
                        .gte(id(attempt, stream, 0))
                        .lte(id(attempt, stream, Long.MAX_VALUE)))
                .with(Sort.by(Direction.DESC, "_id")),
            Kept.class);
    return last == null ? 0 : last.end();
  }

  /** How many bytes of an attempt are kept, of both streams. */
  public long length(AttemptId attempt) {
    return length(attempt, Stream.STDOUT) + length(attempt, Stream.STDERR);
  }

  /** The chunks of one stream that begin at an offset or behind it, in order, some of them. */
  List<OutputPiece> from(AttemptId attempt, Stream stream, long offset, int limit) {
    return mongo
        .find(
            Query.query(
                    Criteria.where("_id")
                        .gte(id(attempt, stream, offset))
                        .lte(id(attempt, stream, Long.MAX_VALUE)))
                .with(Sort.by("_id"))
                .limit(limit),
            Kept.class)
        .stream()
        .map(Kept::piece)
        .toList();
  }

  /** What is left of the chunk in whose midst an offset lies; empty if one begins there. */
  Optional<OutputPiece> at(AttemptId attempt, Stream stream, long offset) {
    var chunk =
        mongo.findOne(
            Query.query(
                    Criteria.where("_id")
                        .gte(id(attempt, stream, 0))
                        .lt(id(attempt, stream, offset)))
                .with(Sort.by(Direction.DESC, "_id")),
            Kept.class);
    return Optional.ofNullable(chunk)
        .filter(kept -> kept.end() > offset)
        .map(kept -> kept.piece().from(offset));
  }

  /** Removes all that a job has printed, in all of its attempts. */
  @Override
  public void removeFor(Job job) {
    if (job.attempt() > 0) {
      var ofJob = Criteria.where("_id").gte(job.id() + "/").lt(job.id() + "0");
      var _ = repeatable(() -> mongo.remove(Query.query(ofJob), Kept.class));
    }
  }

  private static String id(AttemptId attempt, Stream stream, long offset) {
    return "%s/%06d/%s/%019d"
        .formatted(attempt.job(), attempt.number(), stream.name().toLowerCase(Locale.ROOT), offset);
  }
}
