package io.capataz.supervisor.model;

/** Where what may happen next is told. */
public interface Next {

  /** The world as it is now, to be changed. */
  World world();

  /** This may happen, and then the world is so. */
  void is(World after, String what);
}
