package io.capataz.supervisor.job;

import io.capataz.common.protocol.Bytes;
import io.capataz.supervisor.job.Job.GivenFile;
import io.capataz.supervisor.task.Action;
import io.capataz.supervisor.task.Task;
import io.capataz.supervisor.vault.CannotOpen;
import io.capataz.supervisor.vault.Sealed;
import io.capataz.supervisor.vault.Vault;
import io.capataz.supervisor.web.ApiProblem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * Seals masked values in jobs. A job never contains a readable secret: its masked values are sealed
 * when it is created, and opened for its work order and for a restart.
 */
@Component
public class JobSecrets {

  private final Vault vault;

  JobSecrets(Vault vault) {
    this.vault = vault;
  }

  /** The arguments as stored in a job with that id. */
  List<String> sealedArguments(
      String organization, String job, List<String> arguments, List<Integer> masked) {
    var kept = new ArrayList<>(arguments);
    for (var place : masked) {
      kept.set(place, sealed(context(organization, job, "argument/" + place), kept.get(place)));
    }
    return kept;
  }

  /** The task's action as stored in a job with that id. */
  Action sealed(Task task, String job) {
    var kept = new HashMap<>(task.action().secrets());
    kept.replaceAll((name, value) -> sealed(context(task.organization(), job, name), value));
    return task.action().withSecrets(kept);
  }

  /** A file as listed in a job with that id; the name of a secret file may be secret too. */
  GivenFile sealedFile(String organization, String job, GivenFile file, List<Integer> masked) {
    return masked.contains(file.place())
        ? new GivenFile(
            file.place(),
            sealed(context(organization, job, "file-name/" + file.place()), file.filename()),
            file.size())
        : file;
  }

  private String sealed(String context, String value) {
    if (Sealed.read(value).isPresent()) {
      throw ApiProblem.conflict(
          "secret_unreadable",
          "A masked value of this task cannot be decrypted: it was sealed with a different"
              + " vault key"
              + " or changed in the store. Change the task and set the value again.");
    }
    return vault.sealText(context, value);
  }

  /** A concurrency key, so that it can be compared but not read. */
  String digest(Task task, String value) {
    return vault
        .digest("concurrency-key", Bytes.utf8(task.id() + "\n" + value))
        .substring("hmac:".length())
        .substring(0, 32);
  }

  /**
   * A job's values as they are used.
   *
   * @param action with its secrets opened
   * @param secrets texts that must not be seen in what the script prints
   */
  public record Opened(List<String> arguments, Action action, List<String> secrets) {
    public Opened {
      arguments = List.copyOf(arguments);
      secrets = List.copyOf(secrets);
    }

    @Override
    public String toString() {
      return "[opened]";
    }
  }

  /**
   * Opens a job's values.
   *
   * @throws CannotOpen if one is not what was sealed in its place
   */
  public Opened open(Job job) {
    var masked = job.spec().maskedArguments();
    var arguments = new ArrayList<>(job.spec().arguments());
    for (var place : masked) {
      arguments.set(place, vault.openText(context(job, "argument/" + place), arguments.get(place)));
    }
    var opened = new HashMap<>(job.spec().action().secrets());
    opened.replaceAll((name, value) -> vault.openText(context(job, name), value));
    var secrets =
        Stream.concat(masked.stream().map(arguments::get), opened.values().stream())
            .filter(text -> !text.isEmpty())
            .distinct()
            .toList();
    return new Opened(arguments, job.spec().action().withSecrets(opened), secrets);
  }

  /**
   * The name of a job's file.
   *
   * @throws CannotOpen if it is not what was sealed there
   */
  String filename(Job job, GivenFile file) {
    return job.spec().maskedArguments().contains(file.place())
        ? vault.openText(context(job, "file-name/" + file.place()), file.filename())
        : file.filename();
  }

  private static String context(Job job, String field) {
    return context(job.organization(), job.id(), field);
  }

  private static String context(String organization, String job, String field) {
    return Vault.context(organization, "job", job, field);
  }
}
