package io.capataz.cli.verb;

import java.util.List;

/**
 * Commands about one thing, such as {@code job}. Its only command may have no word of its own: then
 * the group's name is all that is typed.
 */
public record Group(String name, String about, List<Verb> verbs) {

  public Group {
    verbs = List.copyOf(verbs);
  }

  public static Group of(String name, String about, Verb... verbs) {
    return new Group(name, about, List.of(verbs));
  }

  /** A command of one word. */
  public static Group alone(Verb verb) {
    return new Group(verb.name(), verb.about().getFirst(), List.of(verb.named("")));
  }

  boolean isAlone() {
    return verbs.size() == 1 && verbs.getFirst().name().isEmpty();
  }
}
