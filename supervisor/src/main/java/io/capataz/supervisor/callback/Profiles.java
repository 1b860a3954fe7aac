package io.capataz.supervisor.callback;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.supervisor.runtime.ReadCache;
import java.util.List;
import java.util.Optional;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.stereotype.Repository;

/** The profiles of organizations, people and tokens. */
@Repository
class Profiles {

  private final MongoOperations mongo;

  /** Also what is not there: every new job asks for it. */
  private final ReadCache<String, Optional<Profile>> recent = ReadCache.of(10_000);

  Profiles(MongoOperations mongo) {
    this.mongo = mongo;
  }

  Profile ofOrganization(String organization) {
    return read(Profile.idOf(organization), organization);
  }

  Profile ofUser(String organization, String user) {
    return read(Profile.idOf(organization, user), organization);
  }

  private Profile read(String id, String organization) {
    return recent
        .get(
            id,
            () ->
                Optional.of(
                    idempotent(() -> Optional.ofNullable(mongo.findById(id, Profile.class)))))
        .flatMap(it -> it)
        .orElseGet(() -> new Profile(id, organization, null, List.of(), List.of()));
  }

  Profile save(Profile profile) {
    var saved = idempotent(() -> mongo.save(profile));
    recent.drop();
    return saved;
  }
}
