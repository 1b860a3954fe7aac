package io.capataz.supervisor.access;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Those who may decide something or are told about it. Unlike an {@link Acl}, it admits nobody whom
 * it does not name, administrators included.
 *
 * @param entries roles, each with those above it, e-mail addresses, ids of members and tags, in
 *     lower case
 */
public record People(List<String> entries) {

  /** Nobody in particular. */
  public static final People NOBODY = new People(List.of());

  public People {
    entries = entries.stream().map(entry -> entry.toLowerCase(Locale.ROOT)).distinct().toList();
  }

  public boolean isEmpty() {
    return entries.isEmpty();
  }

  public boolean includes(Caller.Member member) {
    return !matching(member).isEmpty();
  }

  /** The entries that name the member. */
  public List<String> matching(Caller.Member member) {
    var words = wordsFor(member);
    return entries.stream().filter(words::contains).toList();
  }

  /**
   * What can name a member here. A program is named by its tags or its id only: a role means
   * people.
   */
  public static Set<String> wordsFor(Caller.Member member) {
    return switch (member) {
      case Caller.Person person -> {
        var words = new HashSet<>(person.marks());
        words.add(person.user());
        yield words;
      }
      case Caller.Machine machine -> {
        var words = new HashSet<>(machine.tags());
        words.add("token:" + machine.token());
        yield words;
      }
      case Caller.Run _ -> Set.of();
    };
  }

  /** For messages. */
  @Override
  public String toString() {
    return String.join(", ", entries);
  }
}
