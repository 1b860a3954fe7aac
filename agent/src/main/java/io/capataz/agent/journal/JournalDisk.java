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
 * The disk operations of {@link RunJournal}. Tests replace them to simulate a full disk.
 *
 * <p>Does not use file channels for open files: interrupting a thread closes the channel it uses,
 * and an abandoned run must not close the journal of all others.
 */
interface JournalDisk {

  /** A file open for writing. */
  interface JournalFile extends AutoCloseable {

    void write(long position, byte[] bytes) throws IOException;

    /** Returns when everything written is durable. */
    void force() throws IOException;

    void truncate(long length) throws IOException;

    @Override
    void close() throws IOException;
  }

  /** Creates an empty file that only its owner may read, replacing an existing one. */
  JournalFile create(Path file) throws IOException;

  /** Replaces a file atomically. */
  void replace(Path file, Path fresh) throws IOException;

  /** Returns when changes of file names in the folder are durable. */
  void forceFolder(Path folder) throws IOException;

  /** The real disk. */
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
              try (var channel = FileChannel.open(folder)) {
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

  /** A file of the real disk. */
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
