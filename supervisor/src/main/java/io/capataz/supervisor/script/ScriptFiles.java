package io.capataz.supervisor.script;

import static io.capataz.supervisor.runtime.StoreCalls.repeatable;

import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.listing.Pages;
import io.capataz.supervisor.runtime.Indexed;
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

/** All files of scripts. */
@Repository
public class ScriptFiles implements Indexed {

  /** Where the fields by which lists may be filtered stand in a stored file. */
  private static final Map<String, String> STORED =
      Map.of("filename", "filename", "tags", "tags", "mimetype", "mimetype");

  private final MongoOperations mongo;
  private final Scripts scripts;
  private final InstantSource clock;

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
        new Index().on("organization", Sort.Direction.ASC).on("filename", Sort.Direction.ASC));
  }

  /**
   * The script that a task's {@code script_id} stands for just now: a file's current version, or
   * the script of that id itself. Empty if there is neither.
   */
  public Optional<String> current(String organization, String id) {
    return find(organization, id)
        .map(file -> file.current().script())
        .or(() -> scripts.isThere(organization, id) ? Optional.of(id) : Optional.empty());
  }

  /** The same for a task that is there; its script is not looked for where it has no file. */
  public String currentOrSame(String organization, String id) {
    return repeatable(() -> find(organization, id)).map(file -> file.current().script()).orElse(id);
  }

  ScriptFile add(ScriptFile file) {
    return mongo.insert(file);
  }

  Optional<ScriptFile> find(String organization, String id) {
    return Optional.ofNullable(mongo.findOne(the(organization, id), ScriptFile.class));
  }

  /** The file, if the member may see it. */
  Optional<ScriptFile> visible(Caller.Member member, String id) {
    return find(member.organization(), id).filter(file -> file.acl().admits(member));
  }

  /** The files that were asked for and the member may see; of several values any will do. */
  Listing.Page<ScriptFile> list(Caller.Member member, Listing<ScriptFile> asked) {
    var which = Acl.visibleTo(member);
    asked
        .filters()
        .forEach((name, values) -> which.and(String.valueOf(STORED.get(name))).in(values));
    return Pages.find(mongo, ScriptFile.class, which, asked, ScriptFile::id);
  }

  /**
   * Writes a change, unless the file has been written since it was read.
   *
   * @param changed made from the file as it was read
   * @return the file as it is kept; empty if somebody else was faster
   */
  Optional<ScriptFile> write(ScriptFile changed) {
    var next = changed.written(clock.instant());
    return Optional.ofNullable(
        mongo.findAndReplace(
            Query.query(
                Criteria.where("_id")
                    .is(changed.id())
                    .and("organization")
                    .is(changed.organization())
                    .and("rev")
                    .is(changed.rev())),
            next,
            FindAndReplaceOptions.options().returnNew()));
  }

  /** Removes the file; its contents stay for the jobs that were made from them. */
  void remove(ScriptFile file) {
    mongo.remove(the(file.organization(), file.id()), ScriptFile.class);
  }

  private static Query the(String organization, String id) {
    return Query.query(Criteria.where("_id").is(id).and("organization").is(organization));
  }
}
