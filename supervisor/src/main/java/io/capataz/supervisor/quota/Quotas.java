package io.capataz.supervisor.quota;

import io.capataz.supervisor.web.ApiProblem;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Refuses what an organization already has too much of. No request asks the store for it: the
 * numbers are those of the last count, which {@link UsageCounts} makes about once a minute, and
 * what this supervisor has added and removed since. Other supervisors' changes are seen by the next
 * count, so a quota may be exceeded by what they take in a minute or two. Until the first count is
 * complete, soon after the start, only this supervisor's own changes are known.
 */
@Component
public class Quotas {

  private static final Logger log = LoggerFactory.getLogger(Quotas.class);

  /** After which a refused caller may try again where waiting helps. */
  private static final long NEXT_COUNT_SECONDS = 60;

  private static final int NEARLY_PERCENT = 90;

  private final QuotaSettings settings;
  private final Map<Quota, Numbers> numbers = new EnumMap<>(Quota.class);

  Quotas(QuotaSettings settings) {
    this.settings = settings;
    for (var quota : Quota.values()) {
      numbers.put(quota, new Numbers(quota));
    }
  }

  /**
   * Refuses more than an organization may have.
   *
   * @param more how much is to be added; sizes in bytes
   * @throws ApiProblem 403, or 429 where it is a matter of time
   */
  public void check(String organization, Quota quota, long more) {
    var has = of(quota).get(organization);
    var may = settings.of(quota);
    if (has + more <= may * quota.unit()) {
      return;
    }
    var refusal = quota.refusal(organization, Math.ceilDiv(has, quota.unit()), may);
    throw quota == Quota.WAITING_JOBS
        ? ApiProblem.tooMany("quota_exceeded", refusal, NEXT_COUNT_SECONDS)
        : ApiProblem.forbidden("quota_exceeded", refusal);
  }

  /** Something was added, or removed if negative; sizes in bytes. */
  public void changed(String organization, Quota quota, long by) {
    if (by != 0) {
      of(quota).since.merge(organization, by, Long::sum);
    }
  }

  /** A count of these quotas is complete. */
  void counted(Set<Quota> quotas, Map<String, Map<Quota, Long>> byOrganization) {
    for (var quota : quotas) {
      var found = new ConcurrentHashMap<String, Long>();
      byOrganization.forEach(
          (organization, amounts) -> found.put(organization, amounts.getOrDefault(quota, 0L)));
      of(quota).replace(found);
    }
  }

  private Numbers of(Quota quota) {
    var found = numbers.get(quota);
    if (found == null) {
      throw new IllegalStateException("No numbers of " + quota);
    }
    return found;
  }

  /** What organizations have of one quota. */
  private final class Numbers {
    private final Quota quota;
    private final Map<String, Long> since = new ConcurrentHashMap<>();
    private volatile Map<String, Long> counted = Map.of();

    Numbers(Quota quota) {
      this.quota = quota;
    }

    long get(String organization) {
      return Math.max(
          0, counted.getOrDefault(organization, 0L) + since.getOrDefault(organization, 0L));
    }

    void replace(Map<String, Long> found) {
      found.forEach(this::warn);
      counted = Map.copyOf(found);
      since.clear();
    }

    private void warn(String organization, long now) {
      var border = settings.of(quota) * quota.unit() / 100.0 * NEARLY_PERCENT;
      if (now >= border && counted.getOrDefault(organization, 0L) < border) {
        log.atWarn()
            .addKeyValue("organization", organization)
            .addKeyValue("quota", quota.setting())
            .addKeyValue("used", Math.ceilDiv(now, quota.unit()))
            .addKeyValue("of", settings.of(quota))
            .log("organization has nearly all that it may have");
      }
    }
  }
}
