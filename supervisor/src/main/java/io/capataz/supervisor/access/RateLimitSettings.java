package io.capataz.supervisor.access;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Rate limits per caller and supervisor: {@code capataz.rate-limit.*}. A burst is the number of
 * requests allowed at once; it is refilled at the per-minute rate.
 *
 * @param enabled false: nothing is counted, not even failed logins
 * @param tokenPerMinute requests with one token
 * @param addressPerMinute requests without a known token, from one address
 * @param keyPerMinute runs by one secret key
 * @param agentPerMinute calls of one agent; many more than one with all its slots busy makes
 * @param loginPerMinute failed logins from one address
 * @param accountPerMinute failed logins to one account from one address
 */
@ConfigurationProperties("capataz.rate-limit")
record RateLimitSettings(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("6000") int tokenPerMinute,
    @DefaultValue("3000") int tokenBurst,
    @DefaultValue("1200") int addressPerMinute,
    @DefaultValue("600") int addressBurst,
    @DefaultValue("1200") int keyPerMinute,
    @DefaultValue("600") int keyBurst,
    @DefaultValue("60000") int agentPerMinute,
    @DefaultValue("6000") int agentBurst,
    @DefaultValue("30") int loginPerMinute,
    @DefaultValue("30") int loginBurst,
    @DefaultValue("5") int accountPerMinute,
    @DefaultValue("10") int accountBurst) {
  RateLimitSettings {
    for (var number :
        new int[] {
          tokenPerMinute,
          tokenBurst,
          addressPerMinute,
          addressBurst,
          keyPerMinute,
          keyBurst,
          agentPerMinute,
          agentBurst,
          loginPerMinute,
          loginBurst,
          accountPerMinute,
          accountBurst
        }) {
      if (number < 1) {
        throw new IllegalArgumentException(
            "Every capataz.rate-limit.* value must be at least 1, not "
                + number
                + ". To turn off rate limiting, set capataz.rate-limit.enabled to false.");
      }
    }
  }
}
