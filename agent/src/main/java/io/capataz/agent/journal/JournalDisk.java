package io.capataz.agent.journal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * What the {@link RunJournal} asks of the disk. Tests put in one that is full.
 *
 * <p>Nothing here is a channel that stays open: a channel is closed when a thread that uses it is
 * interrupted, and a run that is abandoned must not take the journal of all others with it.
 */
interface JournalDisk {

  /** A file that is open for writing. */
  interface JournalFile extends AutoCloseable {

    void write(long position, byte[] bytes) throws IOException;

    /** Returns when all that was written would survive a power cut. */
    void force() throws IOException;

    void truncate(long length) throws IOException;

    @Override
    void close() throws IOException;
  }

  /** A new, empty file that only its owner may read, in the place of what may be there. */
  JournalFile create(Path file) throws IOException;

  /** Puts a file in another's place, at once. */
  void replace(Path file, Path fresh) throws IOException;

  /** Returns when what was done to the names in the folder would survive a power cut. */
  void forceFolder(Path folder) throws IOException;

  /** The one there is. */
  JournalDisk REAL =
      new JournalDisk() {
        @Override
        public JournalFile create(Path file) throws IOException {
          Files.deleteIfExists(file);
          Files.createFile(
              file,
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
          return new RealFile(new RandomAccessFile(file.toFile(), "rw"));
        }

        @Override
        public void replace(Path file, Path fresh) throws IOException {
          Files.move(
              fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }

        @Override
        public void forceFolder(Path folder) throws IOException {
          boolean interrupted = false;
          try {
            while (true) {
              interrupted |= Thread.interrupted();
              try (FileChannel channel = FileChannel.open(folder)) {
                channel.force(true);
                return;
              } catch (ClosedByInterruptException e) {
                interrupted = true;
              }
            }
          } finally {
            if (interrupted) {
              Thread.currentThread().interrupt();
            }
          }
        }
      };

  /** A file of the file system. */
  record RealFile(RandomAccessFile file) implements JournalFile {
    @Override
    public void write(long position, byte[] bytes) throws IOException {
      file.seek(position);
      file.write(bytes);
    }

    @Override
    public void force() throws IOException {
      file.getFD().sync();
    }

    @Override
    public void truncate(long length) throws IOException {
      file.setLength(length);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
