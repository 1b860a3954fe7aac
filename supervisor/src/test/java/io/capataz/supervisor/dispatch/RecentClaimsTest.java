package io.capataz.supervisor.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class RecentClaimsTest {

  private Instant now = Instant.parse("2026-01-31T12:00:00Z");
  private final RecentClaims claims = new RecentClaims(() -> now);

  @Test
  void a_claim_is_remembered_for_its_time_and_no_longer() {
    claims.add("first", true);
    now = now.plusSeconds(10);
    claims.add("second", false);

    assertThat(claims.answer("first")).contains(true);
    assertThat(claims.answer("second")).contains(false);
    assertThat(claims.answer("never made")).isEmpty();

    now = now.plus(RecentClaims.KEPT).minusSeconds(10).minusMillis(1);
    assertThat(claims.answer("first")).contains(true);

    now = now.plusMillis(2);
    assertThat(claims.answer("first")).isEmpty();
    assertThat(claims.answer("second")).contains(false);
  }
}
