package io.capataz.embedded.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import io.capataz.embedded.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreCommandTest {

  private static final String READY = "store ready on ";

  @TempDir Path folder;

  @Test
  void serves_until_it_is_told_to_end_and_keeps_what_it_took_when_killed() throws Exception {
    try (ChildJvm store = ChildJvm.start(StoreCommand.class, "--data", folder.toString());
        MongoClient client = client(store)) {
      things(client).insertOne(new Document("_id", 1));
      store.kill();
    }
    try (ChildJvm store = ChildJvm.start(StoreCommand.class, "--data", folder.toString());
        MongoClient client = client(store)) {
      assertThat(things(client).countDocuments()).isEqualTo(1);
      assertThat(store.terminate()).isEqualTo(143);
    }
  }

  @Test
  void lets_everybody_in_only_if_told_so() throws Exception {
    try (ChildJvm store =
        ChildJvm.start(StoreCommand.class, "--no-password", "--data", folder.toString())) {
      try (MongoClient client = MongoClients.create(address(store))) {
        things(client).insertOne(new Document("_id", 1));
      }
      assertThat(folder.resolve("store/password")).doesNotExist();
    }
  }

  private MongoClient client(ChildJvm store) throws IOException {
    String address = address(store);
    Path password = folder.resolve("store/password");
    assertThat(Files.getPosixFilePermissions(password))
        .containsExactlyInAnyOrder(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    assertThat(Files.getPosixFilePermissions(folder.resolve("store")))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    return MongoClients.create(
        address.replace(
            "mongodb://", "mongodb://capataz:%s@".formatted(Files.readString(password).strip())));
  }

  private static String address(ChildJvm store) {
    return store.lineBeginningWith(READY).substring(READY.length()).split(" ", 2)[0];
  }

  private static MongoCollection<Document> things(MongoClient client) {
    return client.getDatabase("test").getCollection("things");
  }
}
