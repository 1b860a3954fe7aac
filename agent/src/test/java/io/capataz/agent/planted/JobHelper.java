package io.capataz.agent.planted;

/** Has a name that says nothing. */
class JobHelper {}
