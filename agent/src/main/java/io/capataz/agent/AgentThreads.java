package io.capataz.agent;

import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

/**
 * Thread factories and executors of the agent, created in {@code Main}.
 *
 * @param cheap virtual threads, for work that mostly waits: runs, loops, calls
 * @param blocking platform threads, for calls that block in native code
 * @param waiters runs one task per running process
 */
record AgentThreads(ThreadFactory cheap, ThreadFactory blocking, Executor waiters) {}
