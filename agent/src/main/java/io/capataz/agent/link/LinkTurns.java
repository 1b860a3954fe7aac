package io.capataz.agent.link;

import io.capataz.common.protocol.AttemptReport;
import io.capataz.common.protocol.Heartbeat;
import io.capataz.common.protocol.LinkMessage;
import io.capataz.common.protocol.LinkTurn;
import io.capataz.common.protocol.MessageJson;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The turns of one connection. Only one turn at a time is unanswered; reports that are made
 * meanwhile are sent together in the next one. An idle connection sends a report at once, a busy
 * one sends many in each turn.
 */
final class LinkTurns {

  /** A turn is full at this size; one report more may exceed it. */
  private static final int FULL = LinkTurn.MAX_BYTES / 2;

  private static final int MOST_REPORTS = 500;

  private final LinkListener listener;

  /** Sends the bytes of a turn; completes when they are sent. */
  private final Function<ByteBuffer, CompletableFuture<?>> sender;

  private final Deque<Said> waiting = new ArrayDeque<>();

  /** Those that wait for a turn that is composed from now on. */
  private List<CompletableFuture<Boolean>> askers = new ArrayList<>();

  private @Nullable Beat beat;
  private @Nullable InFlight inFlight;
  private boolean wanted;
  private boolean ended;
  private long number;
  private CompletableFuture<?> sending = CompletableFuture.completedFuture(null);

  /**
   * A report that waits; empty when the connection is gone, and it is unknown what became of it.
   */
  private record Said(
      AttemptReport report, int bytes, CompletableFuture<Optional<AttemptReport.Answer>> answer) {}

  /** The heartbeat to come, or the one in flight. */
  private record Beat(Heartbeat heartbeat, CompletableFuture<Optional<Heartbeat.Answer>> answer) {}

  private record InFlight(
      long turn,
      List<Said> reports,
      @Nullable Beat beat,
      List<CompletableFuture<Boolean>> askers) {}

  LinkTurns(LinkListener listener, Function<ByteBuffer, CompletableFuture<?>> sender) {
    this.listener = listener;
    this.sender = sender;
  }

  /**
   * Says something about an attempt.
   *
   * @param bytes its size, about
   */
  CompletableFuture<Optional<AttemptReport.Answer>> report(AttemptReport report, int bytes) {
    var said = new Said(report, bytes, new CompletableFuture<>());
    synchronized (this) {
      if (ended) {
        return CompletableFuture.completedFuture(Optional.empty());
      }
      waiting.add(said);
    }
    next();
    return said.answer;
  }

  /** Says what is running. Several of them before the next turn are one, the last. */
  CompletableFuture<Optional<Heartbeat.Answer>> heartbeat(Heartbeat heartbeat) {
    CompletableFuture<Optional<Heartbeat.Answer>> answer;
    synchronized (this) {
      if (ended) {
        return CompletableFuture.completedFuture(Optional.empty());
      }
      answer = beat == null ? new CompletableFuture<>() : beat.answer;
      beat = new Beat(heartbeat, answer);
    }
    next();
    return answer;
  }

  /** Says what there is to claim now; true once it is answered, false if the connection is gone. */
  CompletableFuture<Boolean> ask() {
    var asked = new CompletableFuture<Boolean>();
    synchronized (this) {
      if (ended) {
        return CompletableFuture.completedFuture(false);
      }
      askers.add(asked);
      wanted = true;
    }
    next();
    return asked;
  }

  /** Takes what the supervisor says. */
  void received(LinkMessage message) {
    var orders = message.orders();
    if (orders != null) {
      listener.received(orders);
    }
    var stops = message.stops();
    if (stops != null) {
      listener.received(stops);
    }
    var answer = message.answer();
    if (answer != null) {
      answered(answer);
    }
  }

  private void answered(LinkTurn.Answer answer) {
    InFlight turn;
    synchronized (this) {
      turn = inFlight;
      if (turn == null
          || turn.turn != answer.turn()
          || turn.reports.size() != answer.reports().size()) {
        return;
      }
      inFlight = null;
    }
    for (int i = 0; i < turn.reports.size(); i++) {
      turn.reports.get(i).answer.complete(Optional.of(answer.reports().get(i)));
    }
    if (turn.beat != null) {
      turn.beat.answer.complete(Optional.ofNullable(answer.heartbeat()));
    }
    turn.askers.forEach(asker -> asker.complete(true));
    next();
  }

  /** Sends the next turn, unless one is in flight or there is nothing to say. */
  private void next() {
    synchronized (this) {
      if (ended || inFlight != null || (waiting.isEmpty() && beat == null && !wanted)) {
        return;
      }
      var turn = composed();
      // Chained: a turn may be answered before its sender knows that it is sent.
      sending = sending.thenCompose(_ -> sender.apply(ByteBuffer.wrap(MessageJson.write(turn))));
    }
  }

  private LinkTurn composed() {
    var reports = new ArrayList<Said>();
    for (int bytes = 0;
        !waiting.isEmpty() && bytes < FULL && reports.size() < MOST_REPORTS;
        bytes += reports.getLast().bytes) {
      reports.add(waiting.removeFirst());
    }
    var said = new InFlight(++number, reports, beat, askers);
    var turn =
        new LinkTurn(
            said.turn,
            listener.standing(),
            reports.stream().map(Said::report).toList(),
            beat == null ? null : beat.heartbeat);
    inFlight = said;
    beat = null;
    askers = new ArrayList<>();
    wanted = false;
    return turn;
  }

  /** The connection is gone. All waiting calls complete without an answer. */
  void end() {
    List<Said> left;
    var beats = new ArrayList<Beat>();
    List<CompletableFuture<Boolean>> asked;
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
      left = new ArrayList<>(waiting);
      asked = new ArrayList<>(askers);
      if (beat != null) {
        beats.add(beat);
      }
      if (inFlight != null) {
        left.addAll(inFlight.reports);
        asked.addAll(inFlight.askers);
        if (inFlight.beat != null) {
          beats.add(inFlight.beat);
        }
      }
      waiting.clear();
      askers.clear();
    }
    left.forEach(said -> said.answer.complete(Optional.empty()));
    beats.forEach(it -> it.answer.complete(Optional.empty()));
    asked.forEach(asker -> asker.complete(false));
  }
}
