package io.capataz.supervisor.job;

import static io.capataz.supervisor.job.JobFields.CREATED;
import static io.capataz.supervisor.job.JobFields.LEASE_HOST;
import static io.capataz.supervisor.job.JobFields.ORIGIN_WORD;
import static io.capataz.supervisor.job.JobFields.STATE;
import static io.capataz.supervisor.job.JobFields.TARGET_HOST;
import static io.capataz.supervisor.job.JobFields.TARGET_POOL;
import static io.capataz.supervisor.job.JobFields.TASK;
import static io.capataz.supervisor.job.JobFields.USER_EMAIL;
import static io.capataz.supervisor.job.JobFields.USER_ID;

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
import java.util.Map;
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
 * @param states where they may stand
 * @param tasks whose they are; empty: of any
 * @param others what else is asked of them
 */
record JobFilter(Set<WireState> states, List<String> tasks, List<Criteria> others) {

  private static final int PAGE = 100;

  /** What job lists support. */
  static final Listing.Offer<Job> LIST =
      new Listing.Offer<>(
          Map.of("creation_date", new Listing.Order<>(CREATED)),
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

  /** Words of seed 004's system for states that jobs never have here. */
  private static final Set<String> NEVER = Set.of("started", "syncing", "locked", "completed");

  JobFilter {
    states = states.isEmpty() ? Set.of() : Set.copyOf(states);
    tasks = List.copyOf(tasks);
    others = List.copyOf(others);
  }

  /** All that have not ended. */
  static JobFilter unfinished() {
    return new JobFilter(statesOf(status -> !status.isFinal()), List.of(), List.of());
  }

  /** The jobs of a task. */
  static JobFilter of(String task, Set<WireState> states) {
    return new JobFilter(states, List.of(task), List.of());
  }

  static Set<WireState> statesOf(Predicate<JobState> statuses) {
    return Arrays.stream(WireState.values())
        .filter(state -> statuses.test(state.status()))
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(WireState.class)));
  }

  /**
   * The final states for words of {@code lifecycle}.
   *
   * @throws ApiProblem 400 for a word that is none
   */
  static Set<WireState> endedWithLifecycles(List<String> words) {
    var errors = new ArrayList<FieldError>();
    var named = named("lifecycle", words, WireState::lifecycle, errors);
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
   * @param known the words for origins
   * @throws ApiProblem 400, naming what is wrong
   */
  static JobFilter read(Listing<Job> asked, Set<WireState> among, List<String> known) {
    var errors = new ArrayList<FieldError>();
    var states = EnumSet.noneOf(WireState.class);
    states.addAll(among);
    states.retainAll(named("state", asked.filterAll("state"), WireState::state, errors));
    states.retainAll(
        named("lifecycle", asked.filterAll("lifecycle"), WireState::lifecycle, errors));
    states.retainAll(named("status", asked.filterAll("status"), WireState::statusWord, errors));

    var others = new ArrayList<Criteria>();
    var hosts = both(asked, "host", "host_id");
    if (!hosts.isEmpty()) {
      others.add(
          new Criteria()
              .orOperator(
                  Criteria.where(LEASE_HOST).in(hosts), Criteria.where(TARGET_HOST).in(hosts)));
    }
    if (!asked.filterAll("pool").isEmpty()) {
      others.add(Criteria.where(TARGET_POOL).in(asked.filterAll("pool")));
    }
    var origins = asked.filterAll("origin");
    if (!known.containsAll(origins)) {
      errors.add(oneOf("origin", known));
    }
    if (!origins.isEmpty()) {
      others.add(Criteria.where(ORIGIN_WORD).in(origins));
    }
    var users = asked.filterAll("user");
    if (!users.isEmpty()) {
      others.add(
          new Criteria()
              .orOperator(Criteria.where(USER_ID).in(users), Criteria.where(USER_EMAIL).in(users)));
    }
    var from = instant(asked, "from", errors);
    var until = instant(asked, "until", errors);
    if (from != null && until != null) {
      others.add(Criteria.where(CREATED).gte(from).lt(until));
    } else if (from != null) {
      others.add(Criteria.where(CREATED).gte(from));
    } else if (until != null) {
      others.add(Criteria.where(CREATED).lt(until));
    }
    if (!errors.isEmpty()) {
      throw ApiProblem.invalid(errors);
    }
    return new JobFilter(states, both(asked, "task", "task_id"), others);
  }

  /** The query for jobs that the member may see. */
  Criteria criteria(Caller.Member member) {
    var all = new ArrayList<Criteria>();
    all.add(Acl.visibleTo(member));
    if (!tasks.isEmpty()) {
      all.add(Criteria.where(TASK).in(tasks));
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
      var asked = states.stream().filter(s -> s.status() == status).toList();
      if (asked.size() == statesOf(status::equals).size()) {
        whole.add(status);
      } else {
        asked.forEach(
            state ->
                parts.add(
                    state
                        .mark()
                        .map(
                            mark ->
                                new Criteria().andOperator(Criteria.where(STATE).is(status), mark))
                        .orElseGet(() -> Criteria.where(STATE).is(status))));
      }
    }
    var statuses =
        states.stream()
            .map(WireState::status)
            .collect(Collectors.toCollection(() -> EnumSet.noneOf(JobState.class)));
    var all = new ArrayList<Criteria>();
    // A task's jobs have their own index; conditions on the state must not select another one.
    all.add(
        tasks.isEmpty()
            ? Criteria.where(STATE).in(statuses)
            : Criteria.where(STATE).nin(EnumSet.complementOf(statuses)));
    if (!parts.isEmpty()) {
      parts.add(Criteria.where(STATE).in(whole));
      all.add(new Criteria().orOperator(parts));
    }
    return all;
  }

  private static Set<WireState> named(
      String field, List<String> words, Function<WireState, String> word, List<FieldError> errors) {
    if (words.isEmpty()) {
      return EnumSet.allOf(WireState.class);
    }
    var known =
        Arrays.stream(WireState.values()).map(word).collect(Collectors.toCollection(TreeSet::new));
    if (!words.stream()
        .allMatch(w -> known.contains(w) || (field.equals("lifecycle") && NEVER.contains(w)))) {
      errors.add(oneOf(field, known));
    }
    return Arrays.stream(WireState.values())
        .filter(state -> words.contains(word.apply(state)))
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(WireState.class)));
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
