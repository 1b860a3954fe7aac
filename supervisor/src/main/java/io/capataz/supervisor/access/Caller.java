package io.capataz.supervisor.access;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who is asking. Controllers take it as a parameter; it is never read from what a client says. */
public sealed interface Caller {

  /** Nobody we know. A route may still know what to do with a secret key. */
  record Anonymous() implements Caller {}

  /** A person or a program of an organization, with a role in it. */
  sealed interface Member extends Caller {

    /** The organization it may act in. */
    String organization();

    /** What it may do there. */
    Role role();

    /** By what an {@link Acl} may name it besides, as {@code team:billing}. */
    List<String> tags();

    /**
     * By what an {@link Acl} may name it, in lower case: its role, its e-mail address, its tags.
     */
    Set<String> marks();

    /** To what its token is narrowed; null: it is not, and may do all that its role may. */
    @Nullable Set<Scope> scopes();

    /** Whether its token is wide enough for what takes one of these scopes. */
    default boolean reaches(Scope... needed) {
      var scopes = scopes();
      return scopes == null || Arrays.stream(needed).anyMatch(scopes::contains);
    }

    /** Whether it may use every object of its organization, whatever the object's {@link Acl}. */
    default boolean passesAcls() {
      return role().covers(Role.ADMIN);
    }
  }

  /**
   * A program, by its integration token.
   *
   * @param organization the one it may act in
   * @param token the token's id
   * @param role what it may do there
   * @param tags by what alone ACLs may name it; empty: by its role
   * @param scopes to what its token is narrowed; null: it is not
   */
  record Machine(
      String organization, String token, Role role, List<String> tags, @Nullable Set<Scope> scopes)
      implements Member {
    public Machine {
      tags = List.copyOf(tags);
      scopes = scopes == null ? null : Set.copyOf(scopes);
    }

    @Override
    public Set<String> marks() {
      return tags.isEmpty() ? Set.of(markOf(role)) : Set.copyOf(tags);
    }
  }

  /**
   * A person, by a token of their own.
   *
   * @param organization the one the token is for
   * @param user the person's id
   * @param email their address, by which they are named in ACLs and in the history of jobs
   * @param role what they may do there
   * @param tags what else ACLs may name them by, as {@code team:billing}
   * @param scopes to what their token is narrowed; null: it is not
   */
  record Person(
      String organization,
      String user,
      String email,
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
      var marks = new LinkedHashSet<String>();
      marks.add(markOf(role));
      marks.add(email.toLowerCase(Locale.ROOT));
      tags.forEach(tag -> marks.add(tag.toLowerCase(Locale.ROOT)));
      return Set.copyOf(marks);
    }
  }

  /**
   * An agent, by the credential it got when it enrolled.
   *
   * @param organization the one it belongs to
   * @param agent its id
   * @param host the id of the host it is on
   */
  record Agent(String organization, String agent, String host) implements Caller {}

  /** Who asks by this request, as the guard found out. */
  static Caller of(HttpServletRequest request) {
    return request.getAttribute(RouteGuard.CALLER) instanceof Caller caller
        ? caller
        : new Anonymous();
  }

  /** Whom the guard did not let pass with this request; empty if it did, or knew nobody. */
  static Optional<Caller> refused(HttpServletRequest request) {
    return request.getAttribute(RouteGuard.REFUSED) instanceof Caller caller
        ? Optional.of(caller)
        : Optional.empty();
  }

  /** The organization they belong to; empty for nobody we know. */
  default String home() {
    return switch (this) {
      case Anonymous() -> "";
      case Member member -> member.organization();
      case Agent agent -> agent.organization();
    };
  }

  /** A name for audit and history, as {@code token:…}. */
  default String name() {
    return switch (this) {
      case Anonymous() -> "anonymous";
      case Machine machine -> "token:" + machine.token();
      case Person person -> "user:" + person.email();
      case Agent agent -> "agent:" + agent.agent();
    };
  }

  private static String markOf(Role role) {
    return role.word();
  }
}
