package io.capataz.agent.host;

import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Words an {@link IOException} for people, without class names. */
public final class IoReason {

  private IoReason() {}

  /** The reason as a part of a sentence, with the file it is about. */
  public static String of(IOException e) {
    return switch (e) {
      case AccessDeniedException denied -> "permission denied: " + denied.getFile();
      case NoSuchFileException missing -> missing.getFile() + " does not exist";
      case FileAlreadyExistsException existing -> existing.getFile() + " already exists";
      case FileSystemException other when other.getReason() != null ->
          other.getFile() == null ? other.getReason() : other.getFile() + ": " + other.getReason();
      case ConnectException failed when failed.getMessage() == null -> "connection failed";
      default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    };
  }
}
