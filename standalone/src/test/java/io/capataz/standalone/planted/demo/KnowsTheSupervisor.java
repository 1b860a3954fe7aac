package io.capataz.standalone.planted.demo;

import io.capataz.supervisor.SupervisorApplication;

/** A violation: a demo that reaches inside. */
interface KnowsTheSupervisor {
  SupervisorApplication inside();
}
