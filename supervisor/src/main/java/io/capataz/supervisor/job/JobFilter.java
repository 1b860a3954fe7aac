package io.capataz.supervisor.job;

import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.ApiProblem.FieldError;
import io.capataz.supervisor.web.Instants;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.data.mongodb.core.query.Criteria;

/**
 * The filter of a job list, as a query served by an index: an organization's jobs by state, a
 * task's by time.
 *
 * @param standings where they may stand
 * @param tasks whose they are; empty: of any
 * @param others what else is asked of them
 */
record JobFilter(Set<Standing> standings, List<String> tasks, List<Criteria> others) {

  private static final int PAGE = 100;

  /** What job lists support. */
  static final Listing.Offer<Job> LIST =
      new Listing.Offer<>(
          Map.of("creation_date", new Listing.Order<>("created", Job::created)),
          "-creation_date",
          Set.of(
              "state",
              "lifecycle",
              "status",
              "task",
              "task_id",
              "host",
              "host_id",
              "pool",
              "origin",
              "user",
              "from",
              "until"),
          PAGE,
          1_000);

  private static final List<String> ENDED_BADLY_BY_ITSELF = List.of("exited_with", "succeeded");

  private static final String OUTCOME = "ending.outcome.type";

  /** Words of seed 004's system for states that jobs never have here. */
  private static final Set<String> NEVER = Set.of("started", "syncing", "locked", "completed");

  /**
   * The states of jobs, as fine-grained as any of the three vocabularies; agrees with {@link
   * JobView.Wire}.
   */
  enum Standing {
    HELD(JobState.HELD, "onhold", "in_progress"),
    SCHEDULED(JobState.SCHEDULED, "ready", "in_progress"),
    READY(JobState.READY, "ready", "in_progress"),
    ASSIGNED(JobState.ASSIGNED, "assigned", "in_progress"),
    RUNNING(JobState.RUNNING, "assigned", "in_progress"),
    SILENT(JobState.SILENT, "assigned", "in_progress"),
    SUCCEEDED(JobState.SUCCEEDED, "finished", "success"),
    FAILED(JobState.FAILED, "finished", "failure"),
    TIMED_OUT(JobState.FAILED, "terminated", "timeout"),
    BROKEN(JobState.FAILED, "terminated", "error"),
    CANCELED(JobState.CANCELED, "canceled", "canceled"),
    STOPPED(JobState.CANCELED, "terminated", "canceled"),
    EXPIRED(JobState.EXPIRED, "expired", "error");

    private final JobState status;
    private final String lifecycle;
    private final String state;

    Standing(JobState status, String lifecycle, String state) {
      this.status = status;
      this.lifecycle = lifecycle;
      this.state = state;
    }

    JobState status() {
      return status;
    }

    private String statusWord() {
      return status.name().toLowerCase(Locale.ROOT);
    }

    /** Distinguishes it from others with the same status; empty if not needed. */
    private Optional<Criteria> mark() {
      return switch (this) {
        case FAILED -> Optional.of(Criteria.where(OUTCOME).in(ENDED_BADLY_BY_ITSELF));
        case TIMED_OUT -> Optional.of(Criteria.where(OUTCOME).is("timed_out"));
        case BROKEN ->
            Optional.of(
                Criteria.where(OUTCOME)
                    .nin(
                        Stream.concat(ENDED_BADLY_BY_ITSELF.stream(), Stream.of("timed_out"))
                            .toList()));
        case CANCELED -> Optional.of(Criteria.where("attempt").is(0));
        case STOPPED -> Optional.of(Criteria.where("attempt").gt(0));
        case HELD, SCHEDULED, READY, ASSIGNED, RUNNING, SILENT, SUCCEEDED, EXPIRED ->
            Optional.empty();
      };
    }
  }

  JobFilter {
    standings = standings.isEmpty() ? Set.of() : Set.copyOf(standings);
    tasks = List.copyOf(tasks);
    others = List.copyOf(others);
  }

  /** All that have not ended. */
  static JobFilter unfinished() {
    return new JobFilter(standingsOf(status -> !status.isFinal()), List.of(), List.of());
  }

  /** The jobs of a task. */
  static JobFilter of(String task, Set<Standing> standings) {
    return new JobFilter(standings, List.of(task), List.of());
  }

  static Set<Standing> standingsOf(Predicate<JobState> statuses) {
    return Arrays.stream(Standing.values())
        .filter(standing -> statuses.test(standing.status()))
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Standing.class)));
  }

  /**
   * The final states for words of {@code lifecycle}.
   *
   * @throws ApiProblem 400 for a word that is none
   */
  static Set<Standing> endedWithLifecycles(List<String> words) {
    var errors = new ArrayList<FieldError>();
    var named = named("lifecycle", words, standing -> standing.lifecycle, errors);
    if (!errors.isEmpty()) {
      throw ApiProblem.invalid(errors);
    }
    return words.isEmpty()
        ? Set.of()
        : named.stream().filter(s -> s.status().isFinal()).collect(Collectors.toSet());
  }

  /**
   * Reads the query.
   *
   * @param among where the jobs of this list stand in any case
   * @throws ApiProblem 400, naming what is wrong
   */
  static JobFilter read(Listing<Job> asked, Set<Standing> among) {
    var errors = new ArrayList<FieldError>();
    var standings = EnumSet.noneOf(Standing.class);
    standings.addAll(among);
    standings.retainAll(named("state", asked.filterAll("state"), s -> s.state, errors));
    standings.retainAll(named("lifecycle", asked.filterAll("lifecycle"), s -> s.lifecycle, errors));
    standings.retainAll(named("status", asked.filterAll("status"), Standing::statusWord, errors));

    var others = new ArrayList<Criteria>();
    var hosts = both(asked, "host", "host_id");
    if (!hosts.isEmpty()) {
      others.add(
          new Criteria()
              .orOperator(
                  Criteria.where("lease.host").in(hosts), Criteria.where("target.host").in(hosts)));
    }
    if (!asked.filterAll("pool").isEmpty()) {
      others.add(Criteria.where("target.pool").in(asked.filterAll("pool")));
    }
    var origins = asked.filterAll("origin");
    if (!origins.isEmpty()) {
      others.add(Criteria.where("origin").in(origins(origins, errors)));
    }
    var users = asked.filterAll("user");
    if (!users.isEmpty()) {
      others.add(
          new Criteria()
              .orOperator(
                  Criteria.where("user.id").in(users), Criteria.where("user.email").in(users)));
    }
    var from = instant(asked, "from", errors);
    var until = instant(asked, "until", errors);
    if (from != null && until != null) {
      others.add(Criteria.where("created").gte(from).lt(until));
    } else if (from != null) {
      others.add(Criteria.where("created").gte(from));
    } else if (until != null) {
      others.add(Criteria.where("created").lt(until));
    }
    if (!errors.isEmpty()) {
      throw ApiProblem.invalid(errors);
    }
    return new JobFilter(standings, both(asked, "task", "task_id"), others);
  }

  /** The query for jobs that the member may see. */
  Criteria criteria(Caller.Member member) {
    var all = new ArrayList<Criteria>();
    all.add(Acl.visibleTo(member));
    if (!tasks.isEmpty()) {
      all.add(Criteria.where("task").in(tasks));
    }
    all.addAll(where());
    all.addAll(others);
    return new Criteria().andOperator(all);
  }

  /** The condition on the state. */
  private List<Criteria> where() {
    var whole = new ArrayList<JobState>();
    var parts = new ArrayList<Criteria>();
    for (var status : JobState.values()) {
      var asked = standings.stream().filter(s -> s.status() == status).toList();
      if (asked.size() == standingsOf(status::equals).size()) {
        whole.add(status);
      } else {
        asked.forEach(
            standing ->
                parts.add(
                    standing
                        .mark()
                        .map(
                            mark ->
                                new Criteria()
                                    .andOperator(Criteria.where("state").is(status), mark))
                        .orElseGet(() -> Criteria.where("state").is(status))));
      }
    }
    var statuses =
        standings.stream()
            .map(Standing::status)
            .collect(Collectors.toCollection(() -> EnumSet.noneOf(JobState.class)));
    var all = new ArrayList<Criteria>();
    // A task's jobs have their own index; conditions on the state must not select another one.
    all.add(
        tasks.isEmpty()
            ? Criteria.where("state").in(statuses)
            : Criteria.where("state").nin(EnumSet.complementOf(statuses)));
    if (!parts.isEmpty()) {
      parts.add(Criteria.where("state").in(whole));
      all.add(new Criteria().orOperator(parts));
    }
    return all;
  }

  private static Set<Standing> named(
      String field, List<String> words, Function<Standing, String> word, List<FieldError> errors) {
    if (words.isEmpty()) {
      return EnumSet.allOf(Standing.class);
    }
    var known =
        Arrays.stream(Standing.values()).map(word).collect(Collectors.toCollection(TreeSet::new));
    if (!words.stream()
        .allMatch(w -> known.contains(w) || (field.equals("lifecycle") && NEVER.contains(w)))) {
      errors.add(oneOf(field, known));
    }
    return Arrays.stream(Standing.values())
        .filter(standing -> words.contains(word.apply(standing)))
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Standing.class)));
  }

  private static List<Job.Origin> origins(List<String> words, List<FieldError> errors) {
    var known =
        Arrays.stream(Job.Origin.values())
            .collect(Collectors.toMap(o -> o.name().toLowerCase(Locale.ROOT), o -> o));
    if (!known.keySet().containsAll(words)) {
      errors.add(oneOf("origin", new TreeSet<>(known.keySet())));
    }
    return words.stream().flatMap(word -> Stream.ofNullable(known.get(word))).toList();
  }

  private static FieldError oneOf(String field, Collection<String> words) {
    return new FieldError(
        "/" + field, "unknown_word", "must be one of " + String.join(", ", words) + ".");
  }

  private static @Nullable Instant instant(
      Listing<Job> asked, String field, List<FieldError> errors) {
    var text = asked.filter(field);
    if (text.isEmpty()) {
      return null;
    }
    var instant = Instants.read(text.get());
    if (instant.isEmpty()) {
      errors.add(new FieldError("/" + field, "wrong_form", Instants.FORM));
    }
    return instant.orElse(null);
  }

  private static List<String> both(Listing<Job> asked, String one, String other) {
    return Stream.concat(asked.filterAll(one).stream(), asked.filterAll(other).stream()).toList();
  }
}
