package io.capataz.agent.script;

import io.capataz.agent.host.Folders;
import io.capataz.agent.host.IoReason;
import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.WorkOrder.ScriptText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cache of large scripts by digest, so that each is fetched once instead of for every run. Its
 * content is not trusted: each run gets a copy whose digest was verified, and a corrupt entry is
 * dropped. So entries need not be forced to disk.
 *
 * <p>Evicts the least recently used entries beyond its capacity.
 */
public final class ScriptCache {

  private static final Logger log = LoggerFactory.getLogger(ScriptCache.class);

  private static final Pattern DIGEST = Pattern.compile("sha256:([0-9a-f]{64})");
  private static final Pattern ENTRY = Pattern.compile("[0-9a-f]{64}");

  /** More than the kernel reads of a {@code #!} line. */
  private static final int BEGINNING = 4096;

  private final Path folder;
  private final long room;
  private final InstantSource clock;

  /**
   * One fetch at a time: waiting callers find what was fetched, and at most one large script is in
   * memory.
   */
  private final Semaphore fetching = new Semaphore(1);

  /** Sizes by name; the least recently used comes first. */
  private final Map<String, Long> entries = new LinkedHashMap<>(16, 0.75f, true);

  private long used;
  private long copies;

  private ScriptCache(Path folder, long room, InstantSource clock) {
    this.folder = folder;
    this.room = room;
    this.clock = clock;
  }

  /** Source of a script that is not in the cache. */
  @FunctionalInterface
  public interface Origin<E extends Exception> {

    /** Its bytes, with a verified digest. */
    Bytes fetch() throws E, InterruptedException;
  }

  private record Found(String name, long bytes, FileTime lastUse) {}

  /**
   * Opens the cache, and removes incomplete files of an agent that was killed.
   *
   * @param folder created if it does not exist
   * @param room capacity in bytes, temporarily exceeded by one script
   * @param clock for times of use, which order the entries after a restart
   */
  public static ScriptCache open(Path folder, long room, InstantSource clock) throws IOException {
    if (!Files.isDirectory(folder)) {
      Folders.make(folder);
    }
    var found = new ArrayList<Found>();
    try (var files = Files.newDirectoryStream(folder)) {
      for (var file : files) {
        var name = file.getFileName().toString();
        if (ENTRY.matcher(name).matches()) {
          found.add(new Found(name, Files.size(file), Files.getLastModifiedTime(file)));
        } else {
          Files.delete(file);
        }
      }
    }
    var cache = new ScriptCache(folder, room, clock);
    found.sort(Comparator.comparing(Found::lastUse));
    found.forEach(entry -> cache.add(entry.name, entry.bytes));
    cache.makeRoom();
    return cache;
  }

  /** Whether a text is a valid digest of a script. */
  public static boolean isDigest(String text) {
    return DIGEST.matcher(text).matches();
  }

  /**
   * Takes a copy of a script in the cache, as a file that belongs to the caller.
   *
   * @return empty if it is not in the cache or corrupt; fetch it then
   * @throws IOException if there is no space for the copy
   */
  public synchronized Optional<Script> take(ScriptText announced) throws IOException {
    var name = name(announced.digest());
    if (entries.get(name) == null) {
      return Optional.empty();
    }
    copies++;
    var copy = folder.resolve(name + "." + copies);
    Optional<Bytes> beginning = Optional.empty();
    try {
      beginning = copied(name, copy);
    } finally {
      // Also if there was no space for the copy, since this frees some.
      if (beginning.isEmpty()) {
        Files.deleteIfExists(copy);
        drop(name);
      }
    }
    return beginning.map(bytes -> Script.inFile(announced, bytes, copy));
  }

  /**
   * Fetches a script into the cache, unless it is there or another caller fetches it.
   *
   * @throws IOException if it cannot be stored
   */
  public <E extends Exception> void fill(String digest, Origin<E> origin)
      throws E, IOException, InterruptedException {
    fetching.acquire();
    try {
      if (!isHere(digest)) {
        keep(name(digest), origin.fetch());
      }
    } finally {
      fetching.release();
    }
  }

  private synchronized boolean isHere(String digest) {
    return entries.containsKey(name(digest));
  }

  private void keep(String name, Bytes content) throws IOException {
    var fresh = folder.resolve(name + ".new");
    try {
      Files.deleteIfExists(fresh);
      Folders.write(fresh, content.toArray(), "rw-------");
      Files.move(fresh, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(fresh);
    }
    synchronized (this) {
      add(name, content.length());
      makeRoom();
    }
  }

  private void add(String name, long bytes) {
    entries.put(name, bytes);
    used += bytes;
  }

  private void makeRoom() {
    var oldest = entries.entrySet().iterator();
    while (used > room && entries.size() > 1) {
      var entry = oldest.next();
      used -= entry.getValue();
      oldest.remove();
      delete(entry.getKey());
    }
  }

  private void drop(String name) {
    log.warn("dropping corrupt script {} from the cache; it will be fetched again", name);
    var bytes = entries.remove(name);
    used -= bytes == null ? 0 : bytes;
    delete(name);
  }

  private void delete(String name) {
    try {
      Files.deleteIfExists(folder.resolve(name));
    } catch (IOException e) {
      log.warn("cannot remove script {} from the cache: {}", name, IoReason.of(e));
    }
  }

  /**
   * Copies an entry to a new file.
   *
   * @return its first bytes; empty if it is missing or has another digest
   */
  private Optional<Bytes> copied(String name, Path copy) throws IOException {
    var entry = folder.resolve(name);
    var digest = sha256();
    byte[] beginning;
    try (var from = new DigestInputStream(Files.newInputStream(entry), digest)) {
      beginning = from.readNBytes(BEGINNING);
      Folders.write(copy, beginning, "rwx------");
      try (var to = Files.newOutputStream(copy, StandardOpenOption.APPEND)) {
        from.transferTo(to);
      }
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    if (!HexFormat.of().formatHex(digest.digest()).equals(name)) {
      return Optional.empty();
    }
    noteUse(entry);
    return Optional.of(Bytes.of(beginning));
  }

  /** Best effort: after a restart the order may be slightly wrong. */
  private void noteUse(Path entry) {
    try {
      Files.setLastModifiedTime(entry, FileTime.from(clock.instant()));
    } catch (IOException e) {
      log.debug("cannot record the last use of {}", entry, e);
    }
  }

  private static String name(String digest) {
    var matcher = DIGEST.matcher(digest);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("Invalid script digest `" + digest + "`.");
    }
    return matcher.group(1);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256.", e);
    }
  }
}
