package io.capataz.supervisor.runtime;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.ReadConcern;
import com.mongodb.ReadPreference;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class StoreLimitsTest {

  @Test
  void every_call_has_a_limit_and_a_write_gives_up_before_its_connection_does() {
    var settings = settings("mongodb://db/capataz");
    var write = writeSeconds(settings);
    var read = settings.getSocketSettings().getReadTimeout(SECONDS);

    assertThat(write).isPositive();
    assertThat(read).isGreaterThan(write).isLessThan(30);
    assertThat(settings.getSocketSettings().getConnectTimeout(SECONDS)).isBetween(1, 10);
    assertThat(settings.getConnectionPoolSettings().getMaxWaitTime(SECONDS)).isBetween(1L, 15L);
    assertThat(settings.getClusterSettings().getServerSelectionTimeout(SECONDS)).isBetween(1L, 30L);
  }

  @Test
  void times_of_the_address_win_and_its_concerns_do_not() {
    var settings =
        settings(
            "mongodb://db/capataz?socketTimeoutMS=40000&connectTimeoutMS=2000&waitQueueTimeoutMS=3000"
                + "&serverSelectionTimeoutMS=4000&wtimeoutMS=20000&w=1&journal=false"
                + "&readConcernLevel=local&readPreference=secondaryPreferred");

    assertThat(settings.getSocketSettings().getReadTimeout(SECONDS)).isEqualTo(40);
    assertThat(settings.getSocketSettings().getConnectTimeout(SECONDS)).isEqualTo(2);
    assertThat(settings.getConnectionPoolSettings().getMaxWaitTime(SECONDS)).isEqualTo(3);
    assertThat(settings.getClusterSettings().getServerSelectionTimeout(SECONDS)).isEqualTo(4);
    assertThat(writeSeconds(settings)).isEqualTo(20);
    assertThat(settings.getWriteConcern().getWString()).isEqualTo("majority");
    assertThat(settings.getWriteConcern().getJournal()).isTrue();
    assertThat(settings.getReadConcern()).isEqualTo(ReadConcern.MAJORITY);
    assertThat(settings.getReadPreference()).isEqualTo(ReadPreference.primary());
  }

  private static int writeSeconds(MongoClientSettings settings) {
    return Objects.requireNonNull(settings.getWriteConcern().getWTimeout(SECONDS));
  }

  private static MongoClientSettings settings(String address) {
    return StoreLimits.settings(new ConnectionString(address)).build();
  }
}
