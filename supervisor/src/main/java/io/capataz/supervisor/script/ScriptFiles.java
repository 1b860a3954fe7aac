package io.capataz.supervisor.script;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.AclUses;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.listing.Pages;
import io.capataz.supervisor.runtime.Indexed;
import io.capataz.supervisor.runtime.ReadCache;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.FindAndReplaceOptions;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.stereotype.Repository;

/** All script files. */
@Repository
public class ScriptFiles implements Indexed, AclUses {

  /** The stored fields for the filters of lists. */
  private static final Map<String, String> STORED =
      Map.of("filename", "filename", "tags", "tags", "mimetype", "mimetype");

  private final MongoOperations mongo;
  private final Scripts scripts;
  private final InstantSource clock;

  /** The script that a task's {@code script_id} stands for, by organization and that id. */
  private final ReadCache<Reference, String> recent = ReadCache.of(10_000);

  private record Reference(String organization, String id) {}

  ScriptFiles(MongoOperations mongo, Scripts scripts, InstantSource clock) {
    this.mongo = mongo;
    this.scripts = scripts;
    this.clock = clock;
  }

  @Override
  public Class<?> indexedType() {
    return ScriptFile.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        new Index()
            .on(ScriptFile::organization, Sort.Direction.ASC)
            .on(ScriptFile::filename, Sort.Direction.ASC));
  }

  /**
   * The script to which a task's {@code script_id} currently refers: a file's current version, or
   * the script with that id. Empty if neither exists.
   */
  public Optional<String> current(String organization, String id) {
    return find(organization, id)
        .map(file -> file.current().script())
        .or(() -> scripts.isThere(organization, id) ? Optional.of(id) : Optional.empty());
  }

  /**
   * The same for an existing task, as it was at most {@link ReadCache#MAX_AGE} ago; its script is
   * not looked up if it has no file.
   */
  public String currentOrSame(String organization, String id) {
    return recent
        .get(
            new Reference(organization, id),
            () ->
                idempotent(() -> find(organization, id))
                    .map(file -> file.current().script())
                    .or(() -> Optional.of(id)))
        .orElseThrow();
  }

  ScriptFile add(ScriptFile file) {
    var added = mongo.insert(file);
    recent.drop();
    return added;
  }

  Optional<ScriptFile> find(String organization, String id) {
    return Optional.ofNullable(mongo.findOne(the(organization, id), ScriptFile.class));
  }

  /** The file, if the member may see it. */
  Optional<ScriptFile> visible(Caller.Member member, String id) {
    return find(member.organization(), id).filter(file -> file.acl().admits(member));
  }

  /**
   * The files that match the request and that the member may see; several values are alternatives.
   */
  Listing.Page<ScriptFile> list(Caller.Member member, Listing<ScriptFile> asked) {
    var which = Acl.visibleTo(member);
    asked
        .filters()
        .forEach((name, values) -> which.and(String.valueOf(STORED.get(name))).in(values));
    return Pages.find(mongo, ScriptFile.class, which, asked, ScriptFile::id);
  }

  /**
   * Stores a change, unless the file has been written since it was read.
   *
   * @param changed based on the file as it was read
   * @return the stored file; empty after a concurrent change
   */
  Optional<ScriptFile> write(ScriptFile changed) {
    var next = changed.written(clock.instant());
    var written =
        mongo.findAndReplace(
            Query.query(
                Criteria.where(ScriptFile::id)
                    .is(changed.id())
                    .and(ScriptFile::organization)
                    .is(changed.organization())
                    .and(ScriptFile::rev)
                    .is(changed.rev())),
            next,
            FindAndReplaceOptions.options().returnNew());
    recent.drop();
    return Optional.ofNullable(written);
  }

  /** Removes the file; its contents stay for the jobs created from them. */
  void remove(ScriptFile file) {
    mongo.remove(the(file.organization(), file.id()), ScriptFile.class);
    recent.drop();
  }

  private static Query the(String organization, String id) {
    return Query.query(
        Criteria.where(ScriptFile::id).is(id).and(ScriptFile::organization).is(organization));
  }

  @Override
  public boolean isInAcl(String organization, String entry) {
    return mongo.exists(Query.query(Acl.listing(organization, entry)), ScriptFile.class);
  }
}
