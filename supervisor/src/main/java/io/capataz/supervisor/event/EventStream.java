package io.capataz.supervisor.event;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.CallerCheck;
import io.capataz.supervisor.event.EventSink.End;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What one client gets: what there is, then what changes, until it leaves, its token is revoked, or
 * the job that it follows has ended. One that reads too slowly gets what there is once more.
 */
final class EventStream {

  /** How often the token is looked at; what is revoked elsewhere is known here a second later. */
  private static final Duration CHECK = Duration.ofSeconds(1);

  private static final Duration PING = Duration.ofSeconds(10);

  /** How long events may still come that are older than the snapshot. */
  private static final Duration STRAGGLERS = Duration.ofSeconds(5);

  /** So many at a time. */
  private static final int PAGE = 256;

  private static final Pattern POSITION = Pattern.compile("([0-9a-f]{16})-(\\d{1,18})");

  private final EventLogs.Use use;
  private final EventFilter wanted;
  private final CallerCheck.Open check;
  private final JobReader reader;
  private final EventSink sink;
  private Map<String, Long> versions = Map.of();
  private long snapshotAt;
  private long sentAt = System.nanoTime();
  private boolean over;

  EventStream(
      EventLogs.Use use,
      EventFilter wanted,
      CallerCheck.Open check,
      JobReader reader,
      EventSink sink) {
    this.use = use;
    this.wanted = wanted;
    this.check = check;
    this.reader = reader;
    this.sink = sink;
  }

  /**
   * Sends events until the end.
   *
   * @param lastEvent the id of the last event that the client has; null: none
   * @param over whether the job that it follows has ended already
   */
  void run(@Nullable String lastEvent, boolean over) throws IOException, InterruptedException {
    this.over = over;
    var member = check.caller();
    var resumed = positionOf(lastEvent);
    var position =
        resumed.isPresent() || member.isEmpty()
            ? resumed.orElse(0)
            : snapshot("snapshot", member.get());
    while (member.isPresent() && !use.isOver()) {
      var page = use.log().after(position, PAGE);
      if (page.isEmpty()) {
        position = snapshot("resync", member.get());
      } else {
        position = send(page.get(), position, member.get());
      }
      if (this.over && use.log().end() <= position) {
        sink.end(End.OVER);
        return;
      }
      sink.flush();
      use.log().await(position, CHECK);
      ping();
      member = check.caller();
    }
    sink.end(member.isEmpty() ? End.REVOKED : End.CLOSING);
  }

  /** The position in this log with which the client comes back; empty if it has to begin anew. */
  private OptionalLong positionOf(@Nullable String lastEvent) {
    var id = POSITION.matcher(lastEvent == null ? "" : lastEvent);
    return id.matches() && id.group(1).equals(use.log().id())
        ? OptionalLong.of(Long.parseLong(id.group(2)))
        : OptionalLong.empty();
  }

  /** Sends what there is; the position from which changes follow. */
  private long snapshot(String event, Caller.Member member) throws IOException {
    // Taken first: what happens while the store is read comes afterwards, maybe once more.
    var position = use.log().end();
    var there = reader.snapshot(member, wanted);
    versions = there.versions();
    snapshotAt = System.nanoTime();
    over = there.over();
    emit(event, position, MessageJson.mapper().writeValueAsString(there.present()));
    return position;
  }

  private long send(List<LiveEvent> page, long from, Caller.Member member) throws IOException {
    var position = from;
    for (var event : page) {
      position = event.number();
      if (wanted.includes(event.subject())
          && event.subject().acl().admits(member)
          && !isInSnapshot(event)) {
        emit(event.kind().word(), position, event.data());
        over |= wanted.job() != null && event.last();
      }
    }
    return position;
  }

  private boolean isInSnapshot(LiveEvent event) {
    if (!versions.isEmpty() && System.nanoTime() - snapshotAt > STRAGGLERS.toNanos()) {
      versions = Map.of();
    }
    return Optional.ofNullable(versions.get(EventFilter.key(event.kind(), event.subject().job())))
        .filter(version -> version >= event.version())
        .isPresent();
  }

  private void emit(String event, long position, String data) throws IOException {
    sink.send(event, use.log().position(position), data);
    sentAt = System.nanoTime();
  }

  private void ping() throws IOException {
    if (System.nanoTime() - sentAt > PING.toNanos()) {
      sentAt = System.nanoTime();
      sink.ping();
    }
  }
}
