package io.capataz.agent;

import io.capataz.agent.host.DataFolder;
import io.capataz.agent.host.IoReason;
import io.capataz.agent.job.HelperCommands;
import io.capataz.agent.job.PythonPackage;
import io.capataz.agent.journal.RunJournal;
import io.capataz.agent.process.Keepers;
import io.capataz.agent.script.ScriptCache;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The resources on this host that the agent needs to run scripts.
 *
 * @param keepers starts and supervises processes
 * @param journal persists claims and starts across restarts
 * @param scripts cache of large scripts
 */
record HostTools(Keepers keepers, RunJournal journal, ScriptCache scripts)
    implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(HostTools.class);

  /**
   * Installs and opens the resources.
   *
   * @throws IOException with a message for the person who started the agent
   */
  static HostTools open(AgentConfig config, DataFolder data, Executor threads, InstantSource clock)
      throws IOException {
    try {
      return install(config, data, threads, clock);
    } catch (FileSystemException e) {
      throw new IOException(
          "Cannot set up the data folder of the agent: "
              + IoReason.of(e)
              + ". Check that it is writable for this user and that the disk has free space.",
          e);
    }
  }

  private static HostTools install(
      AgentConfig config, DataFolder data, Executor threads, InstantSource clock)
      throws IOException {
    HelperCommands.layOut(data.commands());
    PythonPackage.layOut(data.commands());
    var keepers =
        Keepers.in(data.programs(), config.keeper(), "capataz-" + data.shortName(), threads);
    log.info(keepers.description());
    return new HostTools(
        keepers,
        RunJournal.open(data.journal()),
        ScriptCache.open(data.scripts(), config.scriptCache(), clock));
  }

  @Override
  public void close() throws IOException {
    keepers.close();
    journal.close();
  }
}
