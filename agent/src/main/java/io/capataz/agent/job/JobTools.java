package io.capataz.agent.job;

import io.capataz.agent.journal.RunJournal;
import io.capataz.agent.link.Backoff;
import io.capataz.agent.link.SupervisorClient;
import io.capataz.agent.policy.HostPolicy;
import io.capataz.agent.process.Keepers;
import io.capataz.agent.script.ScriptCache;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;

/**
 * What all runs of an agent share.
 *
 * @param supervisor where runs are reported
 * @param url the supervisor's address, which scripts are told
 * @param keepers start their processes and look after them
 * @param journal where is written down what must not be forgotten
 * @param policy what this host lets them do
 * @param scripts where scripts lie that do not come with their orders
 * @param runs the folder of their folders
 * @param commands the folder of the commands that help scripts
 * @param threads makes the threads that wait: cheap ones
 * @param outputCalls how many calls with output may be under way at once
 * @param backoff between tries to reach the supervisor
 */
public record JobTools(
    SupervisorClient supervisor,
    URI url,
    Keepers keepers,
    RunJournal journal,
    HostPolicy policy,
    ScriptCache scripts,
    Path runs,
    Path commands,
    ThreadFactory threads,
    Semaphore outputCalls,
    Backoff backoff) {}
