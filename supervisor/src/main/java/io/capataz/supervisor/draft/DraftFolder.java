package io.capataz.supervisor.draft;

import io.capataz.supervisor.web.ApiProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Writes the files of drafts to a folder, as seed 003's system does, if that is wanted. It is a
 * copy: nothing is read from there.
 */
@Component
class DraftFolder {

  private static final Logger log = LoggerFactory.getLogger(DraftFolder.class);

  private final @Nullable Path folder;

  DraftFolder(DraftSettings settings) {
    this.folder = settings.folder();
  }

  /**
   * Writes the files of a version over those of the last one.
   *
   * @throws ApiProblem 503 if that is not possible
   */
  void write(DraftFiles files) {
    if (folder == null) {
      return;
    }
    // The id is a UUID and the names are our own.
    var own = folder.resolve(files.draft());
    try {
      Files.createDirectories(own);
      put(folder.resolve(DraftFiles.PACKAGE), "");
      for (var file : files.files()) {
        put(own.resolve(file.name()), file.content());
      }
    } catch (IOException failed) {
      log.atError().setCause(failed).addKeyValue("folder", own).log("cannot write a draft");
      throw ApiProblem.unavailable(
          "folder_failed",
          "Error committing task to folder: the folder of capataz.drafts.folder cannot be written ("
              + failed.getClass().getSimpleName()
              + ").",
          0);
    }
  }

  private static void put(Path file, String content) throws IOException {
    var part = Files.createTempFile(file.getParent(), ".part-", "");
    Files.writeString(part, content);
    Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }
}
