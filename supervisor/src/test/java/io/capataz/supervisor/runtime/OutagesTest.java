package io.capataz.supervisor.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.MongoClientException;
import com.mongodb.MongoCommandException;
import com.mongodb.MongoConnectionPoolClearedException;
import com.mongodb.MongoCredential;
import com.mongodb.MongoCursorNotFoundException;
import com.mongodb.MongoException;
import com.mongodb.MongoExecutionTimeoutException;
import com.mongodb.MongoInterruptedException;
import com.mongodb.MongoNodeIsRecoveringException;
import com.mongodb.MongoNotPrimaryException;
import com.mongodb.MongoOperationTimeoutException;
import com.mongodb.MongoQueryException;
import com.mongodb.MongoSecurityException;
import com.mongodb.MongoSocketClosedException;
import com.mongodb.MongoSocketException;
import com.mongodb.MongoSocketOpenException;
import com.mongodb.MongoSocketReadException;
import com.mongodb.MongoSocketReadTimeoutException;
import com.mongodb.MongoSocketWriteException;
import com.mongodb.MongoTimeoutException;
import com.mongodb.MongoWriteConcernException;
import com.mongodb.MongoWriteException;
import com.mongodb.ServerAddress;
import com.mongodb.WriteConcernResult;
import com.mongodb.WriteError;
import com.mongodb.bulk.BulkWriteError;
import com.mongodb.bulk.BulkWriteResult;
import com.mongodb.bulk.WriteConcernError;
import com.mongodb.connection.ClusterId;
import com.mongodb.connection.ServerId;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DuplicateKeyException;

/**
 * Which failures of the driver mean that the store is not there, and which are somebody's fault.
 */
class OutagesTest {

  private static final ServerAddress SERVER = new ServerAddress();

  private final Outages outages = new Outages();

  private static IOException broken() {
    return new IOException("Connection reset");
  }

  static Stream<MongoException> outagesByClass() {
    return Stream.of(
        new MongoSocketException("broken", SERVER),
        new MongoSocketOpenException("refused", SERVER),
        new MongoSocketReadException("reset", SERVER),
        new MongoSocketWriteException("reset", SERVER, broken()),
        new MongoSocketClosedException("closed", SERVER),
        new MongoSocketReadTimeoutException("slow", SERVER, broken()),
        new MongoTimeoutException("no server, or no connection"),
        new MongoOperationTimeoutException("slow"),
        new MongoExecutionTimeoutException(50, "slow", reply(50)),
        new MongoConnectionPoolClearedException(new ServerId(new ClusterId(), SERVER), broken()),
        new MongoNotPrimaryException(reply(10_107), SERVER),
        new MongoNodeIsRecoveringException(reply(11_600), SERVER),
        new MongoInterruptedException("shutting down", new InterruptedException()),
        new MongoCursorNotFoundException(7, reply(43), SERVER),
        new MongoSecurityException(
            MongoCredential.createCredential("u", "d", "p".toCharArray()),
            "login not finished",
            new MongoSocketReadException("reset", SERVER)),
        labelled("RetryableWriteError"),
        labelled("RetryableError"));
  }

  @ParameterizedTest
  @MethodSource("outagesByClass")
  void exceptions_of_a_store_that_is_away(MongoException failure) {
    assertOutage(failure);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        6, 7, 24, 39, 43, 46, 50, 64, 89, 91, 100, 112, 133, 134, 189, 202, 262, 317, 365, 462,
        9_001, 10_058, 10_107, 11_600, 11_601, 11_602, 13_435, 13_436, 14_031, 16_500
      })
  void codes_of_servers_that_cannot_at_the_moment(int code) {
    assertOutage(new MongoCommandException(reply(code), SERVER));
    assertOutage(new MongoQueryException(reply(code), SERVER));
    assertOutage(
        new MongoWriteException(
            new WriteError(code, "told", new BsonDocument()), SERVER, Set.of()));
    assertOutage(bulk(List.of(new BulkWriteError(code, "told", new BsonDocument(), 0)), null));
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 79, 100, 189, 10_107, 11_600, 11_602})
  void a_write_that_no_majority_confirms(int code) {
    var told = new WriteConcernError(code, "WriteConcern", "told", new BsonDocument());
    assertOutage(
        new MongoWriteConcernException(
            told, WriteConcernResult.unacknowledged(), SERVER, Set.of()));
    assertOutage(bulk(List.of(), told));
  }

  /** Each of these is a mistake in our code or in the setup of the store; no retry helps. */
  @Test
  void everything_else_is_a_fault() {
    IntStream.of(2, 8, 9, 11, 13, 14, 18, 20, 26, 40, 48, 59, 66, 72, 85, 86, 121, 238, 10_334)
        .forEach(
            code ->
                assertThat(
                        outages.translateExceptionIfPossible(
                            new MongoCommandException(reply(code), SERVER)))
                    .describedAs("code %d", code)
                    .isNotInstanceOf(DataAccessResourceFailureException.class));
    assertThat(
            outages.translateExceptionIfPossible(
                new MongoSecurityException(
                    MongoCredential.createCredential("u", "d", "p".toCharArray()),
                    "refused",
                    new MongoCommandException(reply(18), SERVER))))
        .isNotInstanceOf(DataAccessResourceFailureException.class);
    assertThat(outages.translateExceptionIfPossible(new IllegalStateException("ours"))).isNull();
  }

  @Test
  void an_id_that_is_taken_is_not_an_outage() {
    assertThat(
            outages.translateExceptionIfPossible(
                new MongoWriteException(
                    new WriteError(11_000, "taken", new BsonDocument()), SERVER, Set.of())))
        .isInstanceOf(DuplicateKeyException.class);
    assertThat(
            outages.translateExceptionIfPossible(
                bulk(
                    List.of(new BulkWriteError(11_000, "taken", new BsonDocument(), 0)),
                    new WriteConcernError(64, "WriteConcern", "late", new BsonDocument()))))
        .isInstanceOf(DuplicateKeyException.class);
  }

  @Test
  void nothing_is_looked_for_where_nothing_can_have_been_done() {
    assertThat(Outages.isFutile(new MongoTimeoutException("no server"))).isTrue();
    assertThat(Outages.isFutile(new MongoCommandException(reply(14_031), SERVER))).isTrue();
    assertThat(Outages.isFutile(new MongoOperationTimeoutException("slow"))).isFalse();
    assertThat(Outages.isFutile(new MongoSocketReadException("reset", SERVER))).isFalse();
    assertThat(Outages.isFutile(new MongoNotPrimaryException(reply(10_107), SERVER))).isFalse();
  }

  private void assertOutage(MongoException failure) {
    assertThat(outages.translateExceptionIfPossible(failure))
        .describedAs("%s with code %d", failure.getClass().getSimpleName(), failure.getCode())
        .isExactlyInstanceOf(DataAccessResourceFailureException.class)
        .hasRootCause(root(failure));
  }

  private static Throwable root(Throwable failure) {
    return failure.getCause() == null ? failure : root(failure.getCause());
  }

  private static MongoBulkWriteException bulk(
      List<BulkWriteError> errors, @Nullable WriteConcernError late) {
    return new MongoBulkWriteException(
        BulkWriteResult.unacknowledged(), errors, late, SERVER, Set.of());
  }

  private static MongoException labelled(String label) {
    var failure = new MongoClientException("told by its label");
    failure.addLabel(label);
    return failure;
  }

  private static BsonDocument reply(int code) {
    return new BsonDocument("ok", new BsonInt32(0))
        .append("code", new BsonInt32(code))
        .append("errmsg", new BsonString("told"));
  }
}
