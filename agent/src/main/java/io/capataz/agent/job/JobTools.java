package io.capataz.agent.job;

import io.capataz.agent.journal.RunJournal;
import io.capataz.agent.link.Backoff;
import io.capataz.agent.link.Supervisor;
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
 * @param supervisor client for reports
 * @param url the supervisor's address, passed on to scripts
 * @param keepers starts and supervises processes
 * @param journal records claims and starts
 * @param policy the host policy
 * @param users the users that scripts run as
 * @param scripts cache of large scripts
 * @param runs parent of the run folders
 * @param commands folder of the commands for scripts
 * @param threads creates virtual threads
 * @param outputCalls limits concurrent calls with output
 * @param backoff pauses between retries
 */
public record JobTools(
    Supervisor supervisor,
    URI url,
    Keepers keepers,
    RunJournal journal,
    HostPolicy policy,
    ScriptUsers users,
    ScriptCache scripts,
    Path runs,
    Path commands,
    ThreadFactory threads,
    Semaphore outputCalls,
    Backoff backoff) {}
