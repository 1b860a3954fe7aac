package io.capataz.supervisor.event;

import io.capataz.supervisor.progress.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The newest events of an organization, in this process. Clients read it at their own pace, so that
 * none of them needs a buffer; one that falls too far behind finds a gap.
 */
final class EventLog {

  /** How many events are kept. */
  static final int KEPT = 4_096;

  /** Of how many jobs it is known what was said last. */
  private static final int MOST_JOBS = 20_000;

  private final String id;
  private final LiveEvent[] events = new LiveEvent[KEPT];
  private final Map<String, Said> said = new LinkedHashMap<>(64, 0.75f, true);
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition grown = lock.newCondition();
  private long end;

  /**
   * @param id random; a position is one in this log only
   */
  EventLog(String id) {
    this.id = id;
  }

  /** What was said of a job last. */
  private record Said(long rev, boolean ended, long progress) {
    static final Said NOTHING = new Said(-1, false, -1);
  }

  String id() {
    return id;
  }

  /** The number of its last event. */
  long end() {
    lock.lock();
    try {
      return end;
    } finally {
      lock.unlock();
    }
  }

  /** Its end, as clients name it. */
  String position() {
    return position(end());
  }

  /** A place in it, as clients name it. */
  String position(long number) {
    return id + "-" + number;
  }

  /** Adds what is news; what was heard before, or something later, is passed over. */
  void add(List<JobChange> happenings) {
    lock.lock();
    try {
      var before = end;
      happenings.stream().filter(this::isNews).forEach(this::append);
      if (end > before) {
        grown.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean isNews(JobChange happening) {
    var job = happening.job();
    var before = said.getOrDefault(job.id(), Said.NOTHING);
    var progress = happening.progress();
    var now = progress == null ? moved(before, happening) : progressed(before, progress);
    if (now.equals(before)) {
      return false;
    }
    said.put(job.id(), now);
    if (said.size() > MOST_JOBS) {
      var oldest = said.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
    return true;
  }

  private static Said moved(Said before, JobChange happening) {
    var job = happening.job();
    return job.rev() > before.rev()
        ? new Said(job.rev(), job.state().isFinal(), before.progress())
        : before;
  }

  private static Said progressed(Said before, Progress progress) {
    var version = LiveEvent.version(progress.attempt().number(), progress.taken());
    return version > before.progress() ? new Said(before.rev(), before.ended(), version) : before;
  }

  private void append(JobChange happening) {
    end++;
    events[place(end)] = LiveEvent.of(end, happening);
  }

  private static int place(long number) {
    return (int) (number % KEPT);
  }

  /**
   * The events after a position, some of them if there are many.
   *
   * @return empty if the next one is not kept any more, or there was never such a position
   */
  Optional<List<LiveEvent>> after(long position, int most) {
    lock.lock();
    try {
      if (position < end - KEPT || position > end) {
        return Optional.empty();
      }
      var found = new ArrayList<LiveEvent>();
      for (var number = position + 1; number <= Math.min(end, position + most); number++) {
        found.add(events[place(number)]);
      }
      return Optional.of(found);
    } finally {
      lock.unlock();
    }
  }

  /** Sleeps until there is an event after a position, or {@code atMost} has passed. */
  void await(long position, Duration atMost) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      var left = atMost.toNanos();
      while (end <= position && left > 0) {
        left = grown.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** The ids of jobs whose end was not heard of, as far as they are remembered. */
  List<String> unfinished() {
    lock.lock();
    try {
      return said.entrySet().stream()
          .filter(entry -> !entry.getValue().ended())
          .map(Map.Entry::getKey)
          .toList();
    } finally {
      lock.unlock();
    }
  }
}
