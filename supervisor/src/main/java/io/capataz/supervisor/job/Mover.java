package io.capataz.supervisor.job;

import org.jspecify.annotations.Nullable;

/**
 * Who makes a move. {@link Jobs} refuses a move by someone whom {@link JobMove} does not name, and
 * one that should name an attempt and does not.
 */
sealed interface Mover {

  /** A name for the job's history. */
  String name();

  /** The attempt it speaks for; null: none. */
  @Nullable Fence fence();

  /** A caller of the API, or a rule that stands for one. */
  record Person(String name, @Nullable Fence fence) implements Mover {
    Person(String name) {
      this(name, null);
    }
  }

  /** The agent that claims the job, or that holds the attempt. */
  record Agent(String name, @Nullable Fence fence) implements Mover {}

  /** A supervisor: time has passed, or an attempt has to be given up. */
  record Supervisor(@Nullable Fence fence) implements Mover {
    static final String NAME = "supervisor";

    @Override
    public String name() {
      return NAME;
    }
  }

  /** Which of the table's words it is. */
  default JobMove.By by() {
    return switch (this) {
      case Person _ -> JobMove.By.PERSON;
      case Agent _ -> JobMove.By.AGENT;
      case Supervisor _ -> JobMove.By.SUPERVISOR;
    };
  }
}
