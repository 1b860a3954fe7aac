package io.capataz.agent.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that distinguishes written from durable data, and can be told to fail. Like
 * Linux, it reports data that could not be made durable only once.
 */
final class FaultyDisk implements JournalDisk {

  private final RandomGenerator random;
  private final Map<Path, Page> names = new HashMap<>();
  private final Map<Path, Page> keptNames = new HashMap<>();

  /** Percentage of calls that fail. */
  int failing;

  int forces;

  FaultyDisk(RandomGenerator random) {
    this.random = random;
  }

  private final class Page implements JournalFile {
    private byte[] written = {};
    private byte[] kept = {};

    /** Which of the written bytes are being written back. */
    private final BitSet dirty = new BitSet();

    @Override
    public void write(long position, byte[] bytes) throws IOException {
      boolean fails = fails();
      int count = fails ? random.nextInt(bytes.length + 1) : bytes.length;
      int start = Math.toIntExact(position);
      written = Arrays.copyOf(written, Math.max(written.length, start + count));
      System.arraycopy(bytes, 0, written, start, count);
      dirty.set(start, start + count);
      if (fails) {
        throw new IOException("No space left on device");
      }
    }

    @Override
    public void force() throws IOException {
      forces++;
      if (fails()) {
        dirty.clear();
        throw new IOException("Input/output error");
      }
      keep(bit -> true);
    }

    private void keep(java.util.function.IntPredicate which) {
      kept = Arrays.copyOf(kept, written.length);
      dirty.stream().filter(which).forEach(i -> kept[i] = written[i]);
      dirty.clear();
    }

    @Override
    public void truncate(long length) throws IOException {
      if (fails()) {
        throw new IOException("Input/output error");
      }
      written = Arrays.copyOf(written, Math.toIntExact(length));
      dirty.clear(written.length, Math.max(written.length, dirty.length()));
    }

    @Override
    public void close() {}
  }

  @Override
  public JournalFile create(Path file) throws IOException {
    if (fails()) {
      throw new IOException("No space left on device");
    }
    var page = new Page();
    names.put(file, page);
    return page;
  }

  @Override
  public void replace(Path file, Path fresh) throws IOException {
    if (fails()) {
      throw new IOException("Input/output error");
    }
    names.put(file, page(names, fresh));
    names.remove(fresh);
  }

  @Override
  public void forceFolder(Path folder) throws IOException {
    if (fails()) {
      throw new IOException("Input/output error");
    }
    keptNames.clear();
    keptNames.putAll(names);
  }

  /** The agent was killed: everything written is there. */
  void killTo(Path file) throws IOException {
    Files.write(file, page(names, file).written);
  }

  /** Power failure: forced data is there, and a random part of the rest. */
  void cutPowerTo(Path file) throws IOException {
    var page = page(random.nextBoolean() ? names : keptNames, file);
    int luck = random.nextInt(3);
    page.keep(_ -> luck == 0 || (luck == 1 && random.nextInt(10) > 0));
    Files.write(file, page.kept);
  }

  private static Page page(Map<Path, Page> names, Path file) throws IOException {
    @Nullable Page page = names.get(file);
    if (page == null) {
      throw new IOException(file + " is not there");
    }
    return page;
  }

  private boolean fails() {
    return failing > 0 && random.nextInt(100) < failing;
  }
}
