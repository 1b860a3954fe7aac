package io.capataz.supervisor.access;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The authenticated caller. Controllers take it as a parameter; it is never read from client input.
 */
public sealed interface Caller {

  /** An unauthenticated caller. A route may still accept a secret key. */
  record Anonymous() implements Caller {}

  /** A person or a program of an organization, with a role in it. */
  sealed interface Member extends Caller {

    /** The organization it can act in. */
    String organization();

    /** Its role there. */
    Role role();

    /** Additional tags by which an {@link Acl} can match it, such as {@code team:billing}. */
    List<String> tags();

    /**
     * What an {@link Acl} can match it by, in lower case: its role and those below it, its e-mail
     * address and tags.
     */
    Set<String> marks();

    /** What people call it: a person's name, or a token's. */
    String displayName();

    /** The scopes of its token; null: not limited, everything its role allows. */
    @Nullable Set<Scope> scopes();

    /** Whether its token covers one of these scopes. */
    default boolean reaches(Scope... needed) {
      var scopes = scopes();
      return scopes == null || Arrays.stream(needed).anyMatch(scopes::contains);
    }

    /**
     * Whether it can use every object of its organization, regardless of the object's {@link Acl}.
     */
    default boolean passesAcls() {
      return role().covers(Role.ADMIN);
    }

    /** Whether it may start the task of that id whatever the task's {@link Acl} says. */
    default boolean isLent(String task) {
      return false;
    }
  }

  /**
   * A program, by its integration token.
   *
   * @param organization the one it may act in
   * @param token the token's id
   * @param displayName the token's name
   * @param role what it may do there
   * @param tags the only tags by which ACLs match it; empty: its role
   * @param scopes the scopes of its token; null: not limited
   */
  record Machine(
      String organization,
      String token,
      String displayName,
      Role role,
      List<String> tags,
      @Nullable Set<Scope> scopes)
      implements Member {
    public Machine {
      tags = List.copyOf(tags);
      scopes = scopes == null ? null : Set.copyOf(scopes);
    }

    @Override
    public Set<String> marks() {
      return tags.isEmpty() ? Set.copyOf(role.words()) : Set.copyOf(tags);
    }

    /** Whether its tags limit it to some objects; then it cannot make other callers. */
    public boolean isNarrowed() {
      return !tags.isEmpty();
    }
  }

  /**
   * A person, by a token of their own.
   *
   * @param organization the one the token is for
   * @param user the person's id
   * @param email their address, used in ACLs and in the history of jobs
   * @param displayName their name
   * @param role what they may do there
   * @param tags additional tags by which ACLs match them, such as {@code team:billing}
   * @param scopes the scopes of their token; null: not limited
   */
  record Person(
      String organization,
      String user,
      String email,
      String displayName,
      Role role,
      List<String> tags,
      @Nullable Set<Scope> scopes)
      implements Member {
    public Person {
      tags = List.copyOf(tags);
      scopes = scopes == null ? null : Set.copyOf(scopes);
    }

    @Override
    public Set<String> marks() {
      var marks = new LinkedHashSet<>(role.words());
      marks.add(email.toLowerCase(Locale.ROOT));
      tags.forEach(tag -> marks.add(tag.toLowerCase(Locale.ROOT)));
      return Set.copyOf(marks);
    }
  }

  /**
   * An agent, authenticated by the credential from its enrolment.
   *
   * @param organization the one it belongs to
   * @param agent its id
   * @param host the id of the host it is on
   */
  record Agent(String organization, String agent, String host) implements Caller {}

  /**
   * A running job, by the token of its attempt. It may start the tasks that its task calls, and
   * wait for what they return; it sees nothing else.
   *
   * @param organization the job's
   * @param job its id
   * @param starter who asked for the job, and so for what it starts
   * @param depth how many events and calls led to the job
   * @param calls the ids of the tasks that it may start
   */
  record Run(String organization, String job, Starter starter, int depth, Set<String> calls)
      implements Member {
    private static final Set<Scope> SCOPES = Set.of(Scope.TASK_READ, Scope.TASK_RUN);

    public Run {
      calls = Set.copyOf(calls);
    }

    /**
     * Who asked for a job.
     *
     * @param id the person's, or the token's
     * @param email null for a program
     */
    public record Starter(String id, @Nullable String email, String name) {}

    @Override
    public Role role() {
      return Role.USER;
    }

    @Override
    public List<String> tags() {
      return List.of();
    }

    /** None: whatever an ACL says, it means people and programs. */
    @Override
    public Set<String> marks() {
      return Set.of();
    }

    @Override
    public String displayName() {
      return starter.name();
    }

    @Override
    public Set<Scope> scopes() {
      return SCOPES;
    }

    @Override
    public boolean isLent(String task) {
      return calls.contains(task);
    }
  }

  /** The caller of this request, as determined by the guard. */
  static Caller of(HttpServletRequest request) {
    return request.getAttribute(RouteGuard.CALLER) instanceof Caller caller
        ? caller
        : new Anonymous();
  }

  /**
   * The caller that the guard rejected; empty if it let the request pass, or the caller is unknown.
   */
  static Optional<Caller> refused(HttpServletRequest request) {
    return request.getAttribute(RouteGuard.REFUSED) instanceof Caller caller
        ? Optional.of(caller)
        : Optional.empty();
  }

  /** The caller's organization; empty if the caller is unknown. */
  default String home() {
    return switch (this) {
      case Anonymous() -> "";
      case Member member -> member.organization();
      case Agent agent -> agent.organization();
    };
  }

  /** A name for audit log and history, such as {@code token:…}. */
  default String name() {
    return switch (this) {
      case Anonymous() -> "anonymous";
      case Machine machine -> "token:" + machine.token();
      case Person person -> "user:" + person.email();
      case Run run -> "job:" + run.job();
      case Agent agent -> "agent:" + agent.agent();
    };
  }
}
