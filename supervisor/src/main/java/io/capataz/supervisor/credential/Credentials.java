package io.capataz.supervisor.credential;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.WorkOrder.SecretFile;
import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.AclUses;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.listing.Pages;
import io.capataz.supervisor.runtime.Indexed;
import io.capataz.supervisor.vault.CannotOpen;
import io.capataz.supervisor.vault.Sealed;
import io.capataz.supervisor.vault.Vault;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.stereotype.Repository;

/** All credentials. Their values are sealed; only {@link #given} opens them. */
@Repository
public class Credentials implements Indexed, AclUses {

  /** The maximum total size of the files given to one run; a work order is bounded. */
  private static final int MOST_FILES_TOGETHER = 4 * 1024 * 1024;

  private final MongoOperations mongo;
  private final Vault vault;

  Credentials(MongoOperations mongo, Vault vault) {
    this.mongo = mongo;
    this.vault = vault;
  }

  @Override
  public Class<?> indexedType() {
    return Credential.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        new Index()
            .on(Credential::organization, Sort.Direction.ASC)
            .on(Credential::name, Sort.Direction.ASC)
            .unique());
  }

  /** Seals the content of a credential with that id. */
  Sealed seal(String organization, String id, String field, Bytes value) {
    return vault.sealBytes(Vault.context(organization, "credential", id, field), value);
  }

  /** Stores a new credential; false if the organization has one with that name. */
  boolean add(Credential credential) {
    try {
      mongo.insert(credential);
      return true;
    } catch (DuplicateKeyException taken) {
      return false;
    }
  }

  /**
   * Changes a credential.
   *
   * @return false if another credential has that name
   */
  boolean change(Credential credential) {
    try {
      var _ = idempotent(() -> mongo.findAndReplace(owned(credential), credential));
      return true;
    } catch (DuplicateKeyException taken) {
      return false;
    }
  }

  /** Removes a credential. */
  void remove(Credential credential) {
    var _ = idempotent(() -> mongo.remove(owned(credential), Credential.class));
  }

  /** The organization's credential with that id or name. */
  public Optional<Credential> named(String organization, String idOrName) {
    return find(organization, idOrName)
        .or(
            () ->
                Optional.ofNullable(
                    mongo.findOne(
                        Query.query(
                            Criteria.where(Credential::organization)
                                .is(organization)
                                .and(Credential::name)
                                .is(idOrName)),
                        Credential.class)));
  }

  /** The credential with that id or name, if the member may see it. */
  Optional<Credential> visible(Caller.Member member, String idOrName) {
    return named(member.organization(), idOrName).filter(c -> c.acl().admits(member));
  }

  private Optional<Credential> find(String organization, String id) {
    return Optional.ofNullable(
        mongo.findOne(
            Query.query(
                Criteria.where(Credential::id)
                    .is(id)
                    .and(Credential::organization)
                    .is(organization)),
            Credential.class));
  }

  /** The credentials that match the request and that the member may see. */
  Listing.Page<Credential> list(Caller.Member member, Listing<Credential> asked) {
    var which = Acl.visibleTo(member);
    var names = asked.filterAll("name");
    if (!names.isEmpty()) {
      which.and(Credential::name).in(names);
    }
    return Pages.find(mongo, Credential.class, which, asked, Credential::id);
  }

  /**
   * What credentials contribute to a run.
   *
   * @param environment variables and their values
   * @param files those that are files
   * @param secrets strings to mask in the script's output
   */
  public record Given(
      Map<String, String> environment, List<SecretFile> files, List<String> secrets) {
    public Given {
      environment = Map.copyOf(environment);
      files = List.copyOf(files);
      secrets = List.copyOf(secrets);
    }

    @Override
    public String toString() {
      return "[given " + environment.keySet() + "]";
    }
  }

  /** A credential is not available to a run; the message says which and why. */
  public static final class NotGiven extends Exception {

    private static final long serialVersionUID = 1L;

    NotGiven(String sentence) {
      super(sentence);
    }

    /** Why, in a sentence for people. */
    public String reason() {
      return String.valueOf(getMessage());
    }
  }

  /** Opens the credentials for a run, with their current values. */
  public Given given(String organization, List<CredentialUse> uses) throws NotGiven {
    var environment = new HashMap<String, String>();
    var files = new ArrayList<SecretFile>();
    var secrets = new ArrayList<String>();
    for (var use : uses) {
      var credential =
          find(organization, use.credential())
              .orElseThrow(
                  () ->
                      new NotGiven(
                          "The credential "
                              + use.credential()
                              + ", which the task uses, was removed."));
      var value = open(credential, "value", credential.value());
      text(value).ifPresent(secrets::add);
      if (use.fileEnv() != null) {
        var filename = credential.filename() == null ? "credential" : credential.filename();
        files.add(new SecretFile(use.fileEnv(), filename, value));
      }
      for (var variable : new String[] {use.env(), use.passwordEnv()}) {
        if (variable != null) {
          environment.put(variable, value.asUtf8());
        }
      }
      if (use.userEnv() != null && credential.user() != null) {
        environment.put(use.userEnv(), open(credential, "user", credential.user()).asUtf8());
      }
    }
    if (files.stream().mapToLong(file -> file.content().length()).sum() > MOST_FILES_TOGETHER) {
      throw new NotGiven(
          "The credential files of the job have more than "
              + MOST_FILES_TOGETHER
              + " bytes in total.");
    }
    return new Given(environment, files, secrets);
  }

  private Bytes open(Credential credential, String field, Sealed sealed) throws NotGiven {
    try {
      return vault.openBytes(
          Vault.context(credential.organization(), "credential", credential.id(), field), sealed);
    } catch (CannotOpen cannot) {
      throw new NotGiven(
          "The credential '" + credential.name() + "' cannot be decrypted: " + cannot.reason());
    }
  }

  /** Values that can be masked in output: text, and not empty. */
  private static Optional<String> text(Bytes value) {
    try {
      var text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value.toArray())).toString();
      return Optional.of(text).filter(t -> !t.isBlank());
    } catch (CharacterCodingException binary) {
      return Optional.empty();
    }
  }

  private static Query owned(Credential credential) {
    return Query.query(
        Criteria.where(Credential::id)
            .is(credential.id())
            .and(Credential::organization)
            .is(credential.organization()));
  }

  @Override
  public boolean isInAcl(String organization, String entry) {
    return mongo.exists(Query.query(Acl.listing(organization, entry)), Credential.class);
  }
}
