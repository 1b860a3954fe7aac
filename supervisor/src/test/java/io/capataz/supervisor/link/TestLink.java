package io.capataz.supervisor.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.AttemptReport;
import io.capataz.common.protocol.Claim.Heard;
import io.capataz.common.protocol.Heartbeat;
import io.capataz.common.protocol.LinkMessage;
import io.capataz.common.protocol.LinkOrders;
import io.capataz.common.protocol.LinkTurn;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.StandingClaim;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An agent's end of a link, which says what the test wants it to say. */
public final class TestLink implements WebSocket.Listener, AutoCloseable {

  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final long PATIENCE = 20;

  private final BlockingQueue<LinkMessage> messages = new LinkedBlockingQueue<>();
  private final Deque<LinkMessage> passedOver = new ArrayDeque<>();
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final ByteArrayOutputStream message = new ByteArrayOutputStream();
  private final WebSocket socket;
  private long turns;
  private long received;

  private TestLink(TestSupervisor supervisor, String credential, long epoch) {
    var address = supervisor.request("/agent/v1/link?epoch=" + epoch).build().uri().toString();
    socket =
        HTTP.newWebSocketBuilder()
            .header("Authorization", "Bearer " + credential)
            .buildAsync(java.net.URI.create(address.replaceFirst("^http", "ws")), this)
            .join();
  }

  public static TestLink open(TestSupervisor supervisor, TestAgent agent) {
    return new TestLink(supervisor, agent.credential(), agent.epoch());
  }

  static TestLink open(TestSupervisor supervisor, String credential, long epoch) {
    return new TestLink(supervisor, credential, epoch);
  }

  /** Offers fresh claim ids, and says how many orders there is room for. */
  public StandingClaim claim(int free, String... jobs) {
    return new StandingClaim(
        Stream.generate(TestAgent::newClaimId).limit(2).toList(),
        free,
        received,
        List.of(jobs),
        false,
        Heard.ANNOUNCEMENT,
        32_768);
  }

  /** Offers fresh claim ids for what waits already. */
  public StandingClaim claimWhatWaits(int free) {
    return new StandingClaim(
        claim(free).offered(), free, received, List.of(), true, Heard.SYNC, 32_768);
  }

  /** Says how many orders there is room for, and offers nothing. */
  public StandingClaim room(int free) {
    return new StandingClaim(
        List.of(), free, received, List.of(), false, Heard.ANNOUNCEMENT, 32_768);
  }

  LinkTurn turn(StandingClaim claim, @Nullable Heartbeat beat, AttemptReport... reports) {
    return new LinkTurn(++turns, claim, List.of(reports), beat);
  }

  void send(LinkTurn turn) {
    sendBytes(MessageJson.write(turn));
  }

  /** Sends a turn unless the other side has closed the link meanwhile. */
  boolean canSend(LinkTurn turn) {
    return canSend(MessageJson.write(turn));
  }

  boolean canSend(byte[] bytes) {
    return socket
        .sendBinary(ByteBuffer.wrap(bytes), true)
        .handle((_, failure) -> failure == null)
        .join();
  }

  void sendBytes(byte[] bytes) {
    socket.sendBinary(ByteBuffer.wrap(bytes), true).join();
  }

  /** Takes a turn, and waits for its answer. */
  public LinkTurn.Answer say(StandingClaim claim, AttemptReport... reports)
      throws InterruptedException {
    var turn = turn(claim, null, reports);
    send(turn);
    return answer(turn.turn());
  }

  LinkTurn.Answer beat(Heartbeat beat) throws InterruptedException {
    var turn = turn(room(0), beat);
    send(turn);
    return answer(turn.turn());
  }

  LinkTurn.Answer answer(long turn) throws InterruptedException {
    var answer = next(m -> m.answer() != null).answer();
    assertThat(answer).isNotNull();
    assertThat(answer.turn()).isEqualTo(turn);
    return answer;
  }

  public LinkOrders orders() throws InterruptedException {
    var orders = next(m -> m.orders() != null).orders();
    assertThat(orders).isNotNull();
    received = orders.number();
    return orders;
  }

  Heartbeat.Answer stops() throws InterruptedException {
    var stops = next(m -> m.stops() != null).stops();
    assertThat(stops).isNotNull();
    return stops;
  }

  /** Whether orders have come, as far as messages were read up to the last answer. */
  boolean hasOrders() {
    return Stream.concat(passedOver.stream(), new ArrayList<>(messages).stream())
        .anyMatch(m -> m.orders() != null);
  }

  private LinkMessage next(java.util.function.Predicate<LinkMessage> wanted)
      throws InterruptedException {
    Optional<LinkMessage> before = passedOver.stream().filter(wanted).findFirst();
    if (before.isPresent()) {
      passedOver.remove(before.get());
      return before.get();
    }
    while (true) {
      var message = messages.poll(PATIENCE, TimeUnit.SECONDS);
      assertThat(message).as("a message, and not the end of the link: " + closed).isNotNull();
      if (wanted.test(message)) {
        return message;
      }
      passedOver.add(message);
    }
  }

  /** The code with which the supervisor has closed it. */
  int closed() {
    return closed.orTimeout(PATIENCE, TimeUnit.SECONDS).join();
  }

  /** Breaks off without a word. */
  void cut() {
    socket.abort();
  }

  @Override
  public void close() {
    cut();
  }

  @Override
  public @Nullable CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer part, boolean last) {
    var bytes = new byte[part.remaining()];
    part.get(bytes);
    message.writeBytes(bytes);
    if (last) {
      messages.add(MessageJson.read(message.toByteArray(), LinkMessage.class));
      message.reset();
    }
    webSocket.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
    closed.complete(code);
    return null;
  }

  @Override
  public void onError(WebSocket webSocket, Throwable failure) {
    closed.complete(1006);
  }
}
