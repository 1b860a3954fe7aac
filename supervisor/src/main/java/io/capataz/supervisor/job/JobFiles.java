package io.capataz.supervisor.job;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.WorkOrder.FileArgument;
import io.capataz.supervisor.vault.Sealed;
import io.capataz.supervisor.vault.Vault;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.bson.types.Binary;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.annotation.Id;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.mapping.Document;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.stereotype.Repository;

/**
 * The files of jobs. They are stored separately, because jobs are read far more often than run. A
 * job lists its files and is inserted after them: if the job exists, its files exist.
 */
@Repository
public class JobFiles implements BelongsToJob {

  private final MongoOperations mongo;
  private final Vault vault;
  private final JobSecrets secrets;

  JobFiles(MongoOperations mongo, Vault vault, JobSecrets secrets) {
    this.secrets = secrets;
    this.mongo = mongo;
    this.vault = vault;
  }

  /**
   * A stored file; its id is its position among the job's arguments.
   *
   * @param content null where it is a secret
   * @param sealed the content of one that is a secret
   */
  @Document("job_files")
  public record Kept(@Id String id, @Nullable Binary content, @Nullable Sealed sealed) {}

  /**
   * Stores the files of a job that is about to be created; idempotent.
   *
   * @param masked which of the arguments are secrets, by place
   */
  public void keep(
      String organization, String job, List<Integer> masked, List<FileArgument> files) {
    for (var file : files) {
      var id = id(job, file.place());
      var kept =
          masked.contains(file.place())
              ? new Kept(
                  id,
                  null,
                  vault.sealBytes(context(organization, job, file.place()), file.content()))
              : new Kept(id, new Binary(file.content().toArray()), null);
      idempotent(() -> inserted(kept));
    }
  }

  private Kept inserted(Kept file) {
    try {
      return mongo.insert(file);
    } catch (DuplicateKeyException there) {
      return file;
    }
  }

  /**
   * The job's files with their content; empty if one is gone.
   *
   * @throws io.capataz.supervisor.vault.CannotOpen if one is not what was sealed
   */
  public Optional<List<FileArgument>> of(Job job) {
    if (job.spec().files().isEmpty()) {
      return Optional.of(List.of());
    }
    var ids = job.spec().files().stream().map(file -> id(job.id(), file.place())).toList();
    var kept =
        idempotent(() -> mongo.find(Query.query(Criteria.where(Kept::id).in(ids)), Kept.class));
    var files =
        job.spec().files().stream()
            .flatMap(
                file ->
                    kept.stream()
                        .filter(k -> k.id().equals(id(job.id(), file.place())))
                        .map(
                            k ->
                                new FileArgument(
                                    file.place(),
                                    secrets.filename(job, file),
                                    content(job, file.place(), k))))
            .toList();
    return files.size() == ids.size() ? Optional.of(files) : Optional.empty();
  }

  private Bytes content(Job job, int place, Kept kept) {
    if (kept.sealed() != null) {
      return vault.openBytes(context(job.organization(), job.id(), place), kept.sealed());
    }
    return kept.content() == null ? Bytes.utf8("") : Bytes.of(kept.content().getData());
  }

  private static String context(String organization, String job, int place) {
    return Vault.context(organization, "job", job, "file/" + place);
  }

  /** Replaces the existing files. */
  public void replace(Job job, List<FileArgument> files) {
    remove(job.id());
    keep(job.organization(), job.id(), job.spec().maskedArguments(), files);
  }

  @Override
  public void removeFor(Job job) {
    if (!job.spec().files().isEmpty()) {
      remove(job.id());
    }
  }

  /** Removes all files of a job. */
  public void remove(String job) {
    var _ =
        idempotent(
            () ->
                mongo.remove(
                    Query.query(Criteria.where(Kept::id).gte(job + "/").lt(job + "0")),
                    Kept.class));
  }

  /** A file's id alone. */
  private record Place(@Id String id) {}

  /**
   * The first job with files after another id, among ids older than an instant. An id begins with
   * its time.
   */
  public Optional<String> firstJobAfter(String job, Instant before) {
    var which =
        Query.query(
                Criteria.where(Kept::id)
                    .gt(job + "0")
                    .lt("%08x".formatted(before.getEpochSecond())))
            .with(Sort.by(Kept::id));
    which.fields().include(Kept::id);
    return idempotent(() -> Optional.ofNullable(mongo.findOne(which, Place.class, "job_files")))
        .map(place -> place.id().substring(0, place.id().indexOf('/')));
  }

  private static String id(String job, int place) {
    return "%s/%03d".formatted(job, place);
  }
}
