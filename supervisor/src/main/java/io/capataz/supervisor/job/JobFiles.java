package io.capataz.supervisor.job;

import static io.capataz.supervisor.runtime.StoreCalls.repeatable;

import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.WorkOrder.FileArgument;
import java.util.List;
import java.util.Optional;
import org.bson.types.Binary;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.mapping.Document;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.stereotype.Repository;

/**
 * The files that jobs are given. They are kept beside the jobs and not in them, because jobs are
 * read far more often than run. A job says which it has, and is inserted after them: if there is a
 * job, its files are there.
 */
@Repository
public class JobFiles {

  private final MongoOperations mongo;

  JobFiles(MongoOperations mongo) {
    this.mongo = mongo;
  }

  /** A file as it is kept; its id is its place among the job's arguments. */
  @Document("job_files")
  record Kept(@Id String id, Binary content) {}

  /** Keeps the files of a job that is about to be made; again is as good as once. */
  void keep(String job, List<FileArgument> files) {
    for (var file : files) {
      var kept = new Kept(id(job, file.place()), new Binary(file.content().toArray()));
      repeatable(() -> inserted(kept));
    }
  }

  private Kept inserted(Kept file) {
    try {
      return mongo.insert(file);
    } catch (DuplicateKeyException there) {
      return file;
    }
  }

  /** The job's files with their content; empty if one is gone. */
  public Optional<List<FileArgument>> of(Job job) {
    if (job.files().isEmpty()) {
      return Optional.of(List.of());
    }
    var ids = job.files().stream().map(file -> id(job.id(), file.place())).toList();
    var kept = repeatable(() -> mongo.find(Query.query(Criteria.where("_id").in(ids)), Kept.class));
    var files =
        job.files().stream()
            .flatMap(
                file ->
                    kept.stream()
                        .filter(k -> k.id().equals(id(job.id(), file.place())))
                        .map(
                            k ->
                                new FileArgument(
                                    file.place(),
                                    file.filename(),
                                    Bytes.of(k.content().getData()))))
            .toList();
    return files.size() == ids.size() ? Optional.of(files) : Optional.empty();
  }

  private static String id(String job, int place) {
    return "%s/%03d".formatted(job, place);
  }
}
