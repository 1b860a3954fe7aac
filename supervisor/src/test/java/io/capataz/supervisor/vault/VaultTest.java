package io.capataz.supervisor.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.common.protocol.Bytes;
import io.capataz.common.secret.Secret;
import io.capataz.supervisor.TestStore;
import io.capataz.supervisor.runtime.CapatazSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.Base64;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.SimpleMongoClientDatabaseFactory;
import org.springframework.data.mongodb.core.query.Query;

/** Supervisors come to one store with the right keys, with wrong ones, and with new ones. */
class VaultTest {

  private static final String PLACE = Vault.context("acme", "task", "1", "env/TOKEN");

  @TempDir Path folder;

  private final SimpleMongoClientDatabaseFactory store =
      new SimpleMongoClientDatabaseFactory(
          TestStore.shared() + "/vault-" + UUID.randomUUID() + "?retryWrites=false");
  private final MongoTemplate mongo = new MongoTemplate(store);
  private final VaultRecords records = new VaultRecords(mongo, Clock.systemUTC());

  @AfterEach
  void close() throws Exception {
    store.destroy();
  }

  @Test
  void what_was_sealed_is_opened_in_its_place_alone() {
    var vault = start("one", null);
    var sealed = vault.seal(PLACE, Secret.of("hunter2"));

    assertThat(vault.open(PLACE, sealed).reveal()).isEqualTo("hunter2");
    assertThat(sealed.toString() + sealed.text()).doesNotContain("hunter2");
    assertThat(vault.seal(PLACE, Secret.of("hunter2"))).isNotEqualTo(sealed);
    for (var other :
        new String[] {
          Vault.context("acme", "task", "1", "env/OTHER"),
          Vault.context("acme", "task", "2", "env/TOKEN"),
          Vault.context("acme", "job", "1", "env/TOKEN"),
          Vault.context("other", "task", "1", "env/TOKEN"),
          Vault.context("acme", "task1", "", "env/TOKEN")
        }) {
      assertThatThrownBy(() -> vault.open(other, sealed)).isInstanceOf(CannotOpen.class);
    }
  }

  @Test
  void what_was_cut_or_changed_is_refused() {
    var vault = start("one", null);
    var sealed = vault.sealBytes(PLACE, Bytes.of(new byte[40]));
    var box = Base64.getUrlDecoder().decode(sealed.box());

    for (var length = 0; length < box.length; length++) {
      var cut = new byte[length];
      System.arraycopy(box, 0, cut, 0, length);
      assertThatThrownBy(() -> vault.openBytes(PLACE, with(sealed, cut)))
          .isInstanceOf(CannotOpen.class);
    }
    for (var place = 0; place < box.length; place++) {
      var changed = box.clone();
      changed[place] ^= 1;
      assertThatThrownBy(() -> vault.openBytes(PLACE, with(sealed, changed)))
          .isInstanceOf(CannotOpen.class);
    }
    assertThatThrownBy(() -> vault.openBytes(PLACE, new Sealed(sealed.key(), "%no base64%")))
        .isInstanceOf(CannotOpen.class);
  }

  @Test
  void texts_are_sealed_where_they_stand() {
    var vault = start("one", null);
    var kept = vault.sealText(PLACE, "pässword");

    assertThat(kept).startsWith("sealed:k").doesNotContain("ssword");
    assertThat(vault.openText(PLACE, kept)).isEqualTo("pässword");
    assertThat(vault.sealText(PLACE, "")).isEmpty();
    assertThat(vault.openText(PLACE, "")).isEmpty();
    assertThatThrownBy(() -> vault.openText(PLACE, "not sealed")).isInstanceOf(CannotOpen.class);
    assertThatThrownBy(() -> vault.openText("elsewhere", kept)).isInstanceOf(CannotOpen.class);
  }

  @Test
  void the_first_start_makes_a_key_that_is_its_owners_alone() throws IOException {
    start("one", null);

    var file = folder.resolve("one/vault.key");
    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(mongo.findAll(org.bson.Document.class, "vault").toString())
        .doesNotContain(Files.readString(file).strip());
  }

  @Test
  void another_supervisor_of_the_store_needs_the_same_key() {
    var sealed = start("one", null).seal(PLACE, Secret.of("x"));

    assertThatThrownBy(() -> start("two", null))
        .isInstanceOf(VaultRefused.class)
        .hasMessageContaining("CAPATAZ_VAULT_KEY_FILE")
        .hasMessageContaining("Copy the first one's vault.key");
    assertThat(folder.resolve("two/vault.key")).doesNotExist();
    assertThat(start("two", folder.resolve("one/vault.key")).open(PLACE, sealed).reveal())
        .isEqualTo("x");
  }

  @Test
  void a_wrong_key_is_refused_at_the_start() throws IOException {
    start("one", null);
    var wrong = keyFile(newKey());

    assertThatThrownBy(() -> start("one", wrong))
        .isInstanceOf(VaultRefused.class)
        .hasMessageContaining("does not match this store");
    Files.copy(
        wrong, folder.resolve("one/vault.key"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> start("one", null)).isInstanceOf(VaultRefused.class);
  }

  @Test
  void a_check_that_somebody_changed_is_refused_at_the_start() {
    start("one", null);
    var check = mongo.findOne(new Query(), VaultRecords.Kept.class);
    assertThat(check).isNotNull();
    records.replace(check, new Sealed(check.value().key(), "A".repeat(60)));

    assertThatThrownBy(() -> start("one", null)).isInstanceOf(VaultRefused.class);
  }

  @Test
  void a_new_key_seals_and_the_old_one_still_opens() throws IOException {
    var before = start("one", null);
    var old = Files.readString(folder.resolve("one/vault.key")).strip();
    var sealed = before.seal(PLACE, Secret.of("x"));
    var digest = before.digest("any", Bytes.utf8("1234"));

    var both = keyFile("# newest first", newKey(), "", old);
    var after = start("one", both);

    assertThat(after.open(PLACE, sealed).reveal()).isEqualTo("x");
    var anew = after.seal(PLACE, Secret.of("y"));
    assertThat(anew.key()).isNotEqualTo(sealed.key());
    assertThat(after.digest("any", Bytes.utf8("1234"))).isEqualTo(digest);
    assertThat(start("one", both).open(PLACE, anew).reveal()).isEqualTo("y");
    assertThatThrownBy(() -> before.open(PLACE, anew))
        .isInstanceOf(CannotOpen.class)
        .hasMessageContaining(anew.key());
    assertThatThrownBy(() -> start("one", null))
        .describedAs("the old key alone")
        .isInstanceOf(VaultRefused.class);
  }

  @Test
  void digests_are_the_vaults_own_and_differ_by_purpose() {
    var vault = start("one", null);

    assertThat(vault.digest("a", Bytes.utf8("1234")))
        .isEqualTo(vault.digest("a", Bytes.utf8("1234")))
        .isNotEqualTo(vault.digest("b", Bytes.utf8("1234")))
        .isNotEqualTo(vault.digest("a", Bytes.utf8("1235")))
        .doesNotContain(Bytes.utf8("1234").sha256().substring(7));
  }

  @Test
  void a_key_file_that_is_none_says_what_is_wrong_and_shows_nothing_of_it() throws IOException {
    assertThatThrownBy(() -> start("one", folder.resolve("nowhere")))
        .isInstanceOf(VaultRefused.class)
        .hasMessageContaining("nowhere");
    assertThatThrownBy(() -> start("one", keyFile(newKey(), "c2hvcnQ=")))
        .isInstanceOf(VaultRefused.class)
        .hasMessageContaining("Line 2")
        .hasMessageNotContaining("c2hvcnQ");
    assertThatThrownBy(() -> start("one", keyFile("# nothing")))
        .isInstanceOf(VaultRefused.class)
        .hasMessageContaining("no key");
    var open = keyFile(newKey());
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(() -> start("one", open))
        .isInstanceOf(VaultRefused.class)
        .hasMessageContaining("chmod 600");
  }

  private Vault start(String supervisor, @org.jspecify.annotations.Nullable Path keyFile) {
    var settings =
        new CapatazSettings(
            "mongodb://unused", "", folder.resolve(supervisor), "acme", keyFile, 16, null);
    return new VaultConfiguration().vault(settings, records);
  }

  private Path keyFile(String... lines) throws IOException {
    var file =
        Files.createTempFile(
            folder,
            "keys",
            "",
            PosixFilePermissions.asFileAttribute(
                Set.copyOf(PosixFilePermissions.fromString("rw-------"))));
    return Files.writeString(file, String.join("\n", lines) + "\n");
  }

  private static String newKey() {
    return Base64.getEncoder().encodeToString(VaultKey.random());
  }

  private static Sealed with(Sealed sealed, byte[] box) {
    return new Sealed(sealed.key(), Base64.getUrlEncoder().withoutPadding().encodeToString(box));
  }
}
