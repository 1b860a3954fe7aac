package io.capataz.supervisor.draft;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.supervisor.runtime.Indexed;
import java.util.List;
import java.util.Optional;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.stereotype.Repository;

/** The files of all versions of drafts. */
@Repository
class StoredFiles implements Indexed {

  private final MongoOperations mongo;

  StoredFiles(MongoOperations mongo) {
    this.mongo = mongo;
  }

  @Override
  public Class<?> indexedType() {
    return DraftFiles.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(new Index().on(DraftFiles::draft, Sort.Direction.ASC));
  }

  /** Adds files; the same ones again are free, because their id follows from them. */
  void add(DraftFiles files) {
    var _ = idempotent(() -> mongo.save(files));
  }

  /**
   * The files of a version, which are those that its digest is of.
   *
   * @throws IllegalStateException if somebody has changed them in the store
   */
  DraftFiles of(Draft draft, Draft.Version version) {
    var id = DraftFiles.idOf(draft.id(), version.digest());
    return idempotent(() -> Optional.ofNullable(mongo.findById(id, DraftFiles.class)))
        .filter(files -> files.organization().equals(draft.organization()))
        .filter(files -> files.digest().equals(version.digest()))
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "The files of draft %s do not have the digest of its version %d."
                        .formatted(draft.id(), version.number())));
  }
}
