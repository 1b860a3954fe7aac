package io.capataz.agent.planted;

/** Breaks the rule that the agent talks by its log. */
class Prints {
  void hello() {
    System.out.println("hello");
  }
}
