package io.capataz.supervisor.draft;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.supervisor.draft.Draft.Spent;
import io.capataz.supervisor.runtime.Expiry;
import io.capataz.supervisor.runtime.Indexed;
import io.capataz.supervisor.web.ApiProblem;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.springframework.data.annotation.Id;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.FindAndModifyOptions;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.mapping.Document;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;

/** What organizations have the model do, counted in the store, for all supervisors together. */
@Repository
class ModelUsage implements Indexed {

  private static final Duration KEPT = Duration.ofDays(400);
  private static final FindAndModifyOptions NEW =
      FindAndModifyOptions.options().returnNew(true).upsert(true);

  private final MongoOperations mongo;
  private final DraftSettings settings;
  private final InstantSource clock;

  ModelUsage(MongoOperations mongo, DraftSettings settings, InstantSource clock) {
    this.mongo = mongo;
    this.settings = settings;
    this.clock = clock;
  }

  /**
   * What was counted in an hour or a day.
   *
   * @param id organization, and when it began
   * @param calls that were begun
   * @param cost in millionths of the unit of the prices
   */
  @Document("model_usage")
  record Counted(
      @Id String id,
      String organization,
      Instant since,
      long calls,
      long inputTokens,
      long outputTokens,
      long cost) {
    static Counted none(String organization, Instant since) {
      return new Counted(idOf(organization, since, "day"), organization, since, 0, 0, 0, 0);
    }

    private static String idOf(String organization, Instant since, String unit) {
      return organization + " " + unit + " " + since;
    }
  }

  @Override
  public Class<?> indexedType() {
    return Counted.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        new Index()
            .on(Counted::organization, Sort.Direction.ASC)
            .on(Counted::since, Sort.Direction.ASC));
  }

  /**
   * Counts a call that is about to be made.
   *
   * @throws ApiProblem 429 if the organization has used what it may use
   */
  void begin(String organization) {
    var now = clock.instant();
    checkDay(today(organization), now);
    var hour = now.truncatedTo(ChronoUnit.HOURS);
    var calls = count(organization, hour, "hour", new Spent(1, 0, 0, 0)).calls();
    if (calls == 1) {
      forget(organization, now);
    }
    if (calls > settings.callsPerHour()) {
      throw ApiProblem.tooMany(
          "model_calls_exceeded",
          "Organization %s may have the model asked %d times an hour, and has. Try again in the next hour, or ask an operator to raise capataz.drafts.calls-per-hour."
              .formatted(organization, settings.callsPerHour()),
          seconds(now, hour.plus(Duration.ofHours(1))));
    }
  }

  /** Once an hour, by whoever is the first in it. */
  private void forget(String organization, Instant now) {
    var old =
        Criteria.where(Counted::organization)
            .is(organization)
            .and(Counted::since)
            .lt(now.minus(KEPT));
    Expiry.remove(mongo, old, Counted.class, Counted::id);
  }

  private void checkDay(Counted day, Instant now) {
    var next = seconds(now, day.since().plus(Duration.ofDays(1)));
    var tokens = day.inputTokens() + day.outputTokens();
    if (tokens >= settings.tokensPerDay()) {
      throw ApiProblem.tooMany(
          "model_tokens_exceeded",
          "Organization %s has used %d tokens of the model today and may use %d. Try again tomorrow (UTC), or ask an operator to raise capataz.drafts.tokens-per-day."
              .formatted(day.organization(), tokens, settings.tokensPerDay()),
          next);
    }
    if (settings.costPerDay() > 0 && day.cost() >= settings.costPerDay() * 1_000_000) {
      throw ApiProblem.tooMany(
          "model_cost_exceeded",
          "Organization %s has spent what it may spend on the model today. Try again tomorrow (UTC), or ask an operator to raise capataz.drafts.cost-per-day."
              .formatted(day.organization()),
          next);
    }
  }

  private static long seconds(Instant now, Instant then) {
    return Math.max(1, Duration.between(now, then).toSeconds());
  }

  /** Counts what a call has used. */
  void add(String organization, Spent spent) {
    var _ = count(organization, clock.instant().truncatedTo(ChronoUnit.DAYS), "day", spent);
  }

  /** What the organization has used since midnight, UTC. */
  Counted today(String organization) {
    var day = clock.instant().truncatedTo(ChronoUnit.DAYS);
    var none = Counted.none(organization, day);
    return idempotent(() -> Optional.ofNullable(mongo.findById(none.id(), Counted.class)))
        .orElse(none);
  }

  private Counted count(String organization, Instant since, String unit, Spent by) {
    var which = Query.query(Criteria.where("_id").is(Counted.idOf(organization, since, unit)));
    var update =
        new Update()
            .inc("calls", by.calls())
            .inc("inputTokens", by.inputTokens())
            .inc("outputTokens", by.outputTokens())
            .inc("cost", by.cost())
            .setOnInsert("organization", organization)
            .setOnInsert("since", since);
    return Objects.requireNonNull(mongo.findAndModify(which, update, NEW, Counted.class));
  }
}
