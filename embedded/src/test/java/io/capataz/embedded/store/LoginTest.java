package io.capataz.embedded.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.MongoCommandException;
import com.mongodb.MongoSecurityException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import io.capataz.common.files.PrivateFiles;
import io.capataz.common.secret.Secret;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store with a password is open to those who know it and to nobody else. */
class LoginTest {

  private static final int UNAUTHORIZED = 13;
  private static final int OP_QUERY = 2004;

  private final Secret password = PrivateFiles.randomSecret();
  private EmbeddedStore store;

  @BeforeEach
  void open(@TempDir Path folder) {
    store =
        EmbeddedStore.open(
            folder, 0, EmbeddedStore.Durability.PROCESS_KILL, Clock.systemUTC(), password);
    try (MongoClient owner = MongoClients.create(store.connectionString())) {
      owner.getDatabase("capataz").getCollection("members").insertOne(new Document("_id", "owner"));
    }
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void who_knows_the_password_gets_in_by_every_way_of_asking() {
    assertThat(store.address()).doesNotContain(password.reveal());
    for (String more : List.of("", "&authSource=admin", "&maxPoolSize=1")) {
      try (MongoClient client = MongoClients.create(store.connectionString() + more)) {
        assertThat(client.getDatabase("capataz").getCollection("members").countDocuments())
            .isEqualTo(1);
      }
    }
  }

  @Test
  void a_password_with_any_characters_works(@TempDir Path folder) {
    try (EmbeddedStore odd =
            EmbeddedStore.open(
                folder,
                0,
                EmbeddedStore.Durability.PROCESS_KILL,
                Clock.systemUTC(),
                Secret.of("a b+c/d?e@f:g%h,i=j\"k\\"));
        MongoClient client = MongoClients.create(odd.connectionString())) {
      assertThat(client.listDatabaseNames().into(new ArrayList<>())).isEmpty();
    }
  }

  @Test
  void who_shows_no_password_reads_and_writes_nothing() {
    try (MongoClient stranger = MongoClients.create("mongodb://" + store.address())) {
      var members = stranger.getDatabase("capataz").getCollection("members");
      List<Runnable> attempts =
          List.of(
              () -> members.find().first(),
              () -> members.insertOne(new Document("_id", "stranger")),
              () -> members.deleteMany(new Document()),
              () -> members.aggregate(List.of()).first(),
              () -> stranger.getDatabase("capataz").drop(),
              () -> stranger.listDatabaseNames().first(),
              () -> stranger.getDatabase("admin").runCommand(new Document("serverStatus", 1)),
              () -> stranger.getDatabase("admin").runCommand(new Document("shutdown", 1)));
      for (Runnable attempt : attempts) {
        assertThatThrownBy(attempt::run)
            .isInstanceOfSatisfying(
                MongoCommandException.class,
                e -> assertThat(e.getErrorCode()).isEqualTo(UNAUTHORIZED));
      }
    }
    assertThat(members()).containsExactly("owner");
  }

  @Test
  void a_wrong_password_and_a_wrong_name_are_refused() {
    for (String login : List.of("capataz:wrong", "root:" + password.reveal())) {
      String uri = "mongodb://%s@%s/?authMechanism=SCRAM-SHA-256".formatted(login, store.address());
      try (MongoClient stranger = MongoClients.create(uri)) {
        assertThatThrownBy(() -> stranger.getDatabase("capataz").listCollectionNames().first())
            .isInstanceOf(MongoSecurityException.class);
      }
    }
  }

  @Test
  void an_old_query_without_a_login_ends_the_connection() throws IOException {
    try (Socket socket = connect()) {
      ByteBuffer message = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);
      message.putInt(0).putInt(1).putInt(0).putInt(OP_QUERY).putInt(0);
      message.put("capataz.members\0".getBytes(StandardCharsets.US_ASCII));
      message.putInt(0).putInt(10).putInt(5).put((byte) 0);
      message.putInt(0, message.position());
      socket.getOutputStream().write(message.array(), 0, message.position());

      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void a_large_message_without_a_login_ends_the_connection_at_its_beginning() throws IOException {
    try (Socket socket = connect()) {
      OutputStream out = socket.getOutputStream();
      out.write(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(40 << 20).array());
      out.flush();

      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  private Socket connect() throws IOException {
    String address = store.address();
    Socket socket =
        new Socket(
            InetAddress.getLoopbackAddress(),
            Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)));
    socket.setSoTimeout(20_000);
    return socket;
  }

  private List<String> members() {
    try (MongoClient owner = MongoClients.create(store.connectionString())) {
      return owner
          .getDatabase("capataz")
          .getCollection("members")
          .find()
          .map(each -> each.getString("_id"))
          .into(new ArrayList<>());
    }
  }
}
