package io.capataz.agent;

import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

/**
 * The threads an agent works on, made in {@code Main}.
 *
 * @param cheap for what waits most of the time: runs, loops, calls
 * @param blocking for what blocks outside of Java's sight
 * @param waiters one task for each process that runs
 */
record AgentThreads(ThreadFactory cheap, ThreadFactory blocking, Executor waiters) {}
