package io.capataz.supervisor.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.ClientNetwork;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.Locale;
import org.springframework.stereotype.Component;

/**
 * Counts the requests of each token, address, secret key and account, and rejects excess requests
 * with 429. Each supervisor counts separately, in memory; a counter is forgotten after 15 minutes
 * without requests.
 */
@Component
public class RateLimits {

  private static final long MOST_CALLERS = 100_000;
  private static final Duration FORGOTTEN = Duration.ofMinutes(15);

  private final RateLimitSettings settings;
  private final Cache<Counted, Bucket> buckets =
      Caffeine.newBuilder().maximumSize(MOST_CALLERS).expireAfterAccess(FORGOTTEN).build();

  RateLimits(RateLimitSettings settings) {
    this.settings = settings;
  }

  /** What is counted. */
  public enum Limit {
    TOKEN("requests with one token"),
    ADDRESS("requests without a token from one address"),
    KEY("runs by one secret key"),
    LOGIN("failed logins from one address"),
    AGENT("calls of one agent"),
    ACCOUNT("failed logins to one account from one address");

    private final String words;

    Limit(String words) {
      this.words = words;
    }
  }

  private record Counted(Limit limit, String who) {}

  private record Rate(int perMinute, int burst) {}

  /**
   * Counts one request and sets the remaining number in the response headers.
   *
   * @throws ApiProblem 429 if there was none left
   */
  public void take(Limit limit, String who, HttpServletResponse response) {
    if (!settings.enabled()) {
      return;
    }
    var rate = rate(limit);
    var taken = bucket(limit, who).tryConsumeAndReturnRemaining(1);
    // RateLimit header fields for HTTP, draft-ietf-httpapi-ratelimit-headers.
    var name = "\"" + limit.name().toLowerCase(Locale.ROOT) + "\"";
    var window = Math.max(1, Math.ceilDiv(rate.burst() * 60L, rate.perMinute()));
    response.addHeader("RateLimit-Policy", name + ";q=" + rate.burst() + ";w=" + window);
    response.addHeader(
        "RateLimit",
        name
            + ";r="
            + taken.getRemainingTokens()
            + ";t="
            + seconds(taken.getNanosToWaitForReset()));
    if (!taken.isConsumed()) {
      throw ApiProblem.tooMany(
          "Too many " + limit.words + ". Retry after the time given in Retry-After.",
          Math.max(1, seconds(taken.getNanosToWaitForRefill())));
    }
  }

  /**
   * Counts several at once, where a refusal would only be repeated: the caller is to be kept
   * waiting.
   *
   * @return for how long
   */
  public Duration delay(Limit limit, String who, long count) {
    return settings.enabled()
        ? Duration.ofNanos(bucket(limit, who).consumeIgnoringRateLimits(count))
        : Duration.ZERO;
  }

  /** Returns one, because it turned out not to count. */
  public void giveBack(Limit limit, String who) {
    if (settings.enabled()) {
      bucket(limit, who).addTokens(1);
    }
  }

  private Bucket bucket(Limit limit, String who) {
    var counted =
        new Counted(
            limit, limit == Limit.ADDRESS || limit == Limit.LOGIN ? ClientNetwork.of(who) : who);
    return buckets.get(
        counted,
        _ -> {
          var rate = rate(limit);
          return Bucket.builder()
              .addLimit(
                  Bandwidth.builder()
                      .capacity(rate.burst())
                      .refillGreedy(rate.perMinute(), Duration.ofMinutes(1))
                      .build())
              .build();
        });
  }

  private Rate rate(Limit limit) {
    return switch (limit) {
      case TOKEN -> new Rate(settings.tokenPerMinute(), settings.tokenBurst());
      case ADDRESS -> new Rate(settings.addressPerMinute(), settings.addressBurst());
      case KEY -> new Rate(settings.keyPerMinute(), settings.keyBurst());
      case LOGIN -> new Rate(settings.loginPerMinute(), settings.loginBurst());
      case AGENT -> new Rate(settings.agentPerMinute(), settings.agentBurst());
      case ACCOUNT -> new Rate(settings.accountPerMinute(), settings.accountBurst());
    };
  }

  private static long seconds(long nanos) {
    return Math.ceilDiv(nanos, 1_000_000_000L);
  }
}
