package io.capataz.embedded.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One commit serves all who wait, and whoever is told that his write is kept is told so after it.
 */
class GroupCommitTest {

  private static final int WRITERS = 10;

  private Engine engine;
  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();

  @BeforeEach
  void open(@TempDir Path folder) {
    engine = new Engine(folder.resolve("store.db"), EmbeddedStore.Durability.PROCESS_KILL);
    engine.write(
        () ->
            engine.define(
                session -> {
                  session.define("CREATE TABLE t(n INTEGER)");
                  return true;
                }));
  }

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void one_commit_serves_all_who_queue_behind_one_writer() throws Exception {
    long before = engine.commits();

    whileOthersQueue(() -> insert(0), this::insert);

    assertThat(engine.commits() - before).isEqualTo(1);
    assertThat(answered.get()).isEqualTo(WRITERS + 1);
    assertThat(rows()).isEqualTo(WRITERS + 1);
  }

  @Test
  void a_single_writer_commits_at_once() {
    long before = engine.commits();

    insert(1);
    insert(2);

    assertThat(engine.commits() - before).isEqualTo(2);
  }

  @Test
  void nobody_is_told_that_his_write_is_kept_when_the_transaction_is_undone() throws Exception {
    whileOthersQueue(
        () -> insert(0),
        n -> {
          if (n == WRITERS) {
            engine.write(
                () -> {
                  engine.change(
                      () -> {
                        engine.writer().change("INSERT INTO t VALUES(99)");
                        throw new IllegalStateException("half-way");
                      });
                  return true;
                });
          } else {
            insert(n);
          }
        });

    // Whether the failure met the first or the last of the queue, what was answered is there and
    // nothing else.
    assertThat(refused.get()).isPositive();
    assertThat(rows()).isEqualTo(answered.get());
  }

  @Test
  void a_reader_who_knows_of_a_table_waits_until_it_is_there() throws Exception {
    CountDownLatch made = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Thread writer =
        start(
            () ->
                engine.write(
                    () -> {
                      var _ =
                          engine.define(
                              session -> {
                                session.define("CREATE TABLE u(n INTEGER)");
                                return true;
                              });
                      made.countDown();
                      awaitUninterruptibly(goOn);
                      return true;
                    }));
    made.await();
    Thread reader =
        start(
            () -> {
              var _ = engine.read(session -> session.number("SELECT count(*) FROM u"));
            });
    await().until(() -> reader.getState() == Thread.State.TIMED_WAITING || !reader.isAlive());
    goOn.countDown();
    writer.join();
    reader.join();

    assertThat(refused.get()).isZero();
    assertThat(answered.get()).isEqualTo(2);
  }

  @Test
  void a_failed_definition_leaves_the_changes_around_it() {
    assertThatThrownBy(
            () ->
                engine.write(
                    () -> {
                      engine.change(() -> engine.writer().change("INSERT INTO t VALUES(1)"));
                      return engine.define(
                          session -> {
                            session.define("CREATE TABLE u(n INTEGER)");
                            throw new IllegalStateException("no");
                          });
                    }))
        .hasMessage("no");

    assertThat(rows()).isEqualTo(1);
    assertThatThrownBy(() -> engine.read(session -> session.number("SELECT count(*) FROM u")))
        .isInstanceOf(StoreFailure.class);
  }

  @Test
  void a_reader_does_not_see_what_is_not_committed() {
    engine.write(
        () -> {
          engine.change(() -> engine.writer().change("INSERT INTO t VALUES(1)"));
          Session reader = engine.borrowReader();
          assertThat(reader.number("SELECT count(*) FROM t").orElseThrow()).isZero();
          engine.giveBack(reader, true);
          return true;
        });

    assertThat(rows()).isEqualTo(1);
  }

  private interface Write {
    void run(int n);
  }

  /** Holds the first writer inside its turn until all others wait for theirs. */
  private void whileOthersQueue(Runnable first, Write others) throws InterruptedException {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    threads.add(
        start(
            () ->
                engine.write(
                    () -> {
                      inside.countDown();
                      awaitUninterruptibly(goOn);
                      first.run();
                      return true;
                    })));
    inside.await();
    for (int i = 1; i <= WRITERS; i++) {
      int n = i;
      Thread thread = start(() -> others.run(n));
      threads.add(thread);
      await().until(() -> thread.getState() == Thread.State.WAITING);
    }
    goOn.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private Thread start(Runnable work) {
    return Thread.ofPlatform()
        .start(
            () -> {
              try {
                work.run();
                answered.incrementAndGet();
              } catch (StoreFailure | IllegalStateException e) {
                refused.incrementAndGet();
              }
            });
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void insert(int n) {
    engine.write(
        () -> {
          engine.change(() -> engine.writer().change("INSERT INTO t VALUES(?)", n));
          return true;
        });
  }

  private long rows() {
    return engine.read(session -> session.number("SELECT count(*) FROM t")).orElseThrow();
  }
}
