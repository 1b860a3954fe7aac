package io.capataz.embedded.store;

import java.sql.SQLException;

/**
 * A command could not be carried out, and nothing of it was kept. Never a mistake of the caller.
 */
final class StoreFailure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** The cause, with MongoDB's code and name: by the code, clients tell an outage from a bug. */
  enum Kind {
    /** The disk is full. */
    NO_SPACE(14_031, "OutOfDiskSpace"),
    /** The disk or the file fails. */
    DISK(39, "FileStreamFailed"),
    /** Others' changes in the same transaction failed; the same command again may succeed. */
    UNDONE(112, "WriteConflict"),
    /** Anything else: a fault of the store itself. */
    INTERNAL(1, "InternalError");

    private static final int PRIMARY_CODE = 0xff;

    private final int code;
    private final String codeName;

    Kind(int code, String codeName) {
      this.code = code;
      this.codeName = codeName;
    }

    int code() {
      return code;
    }

    String codeName() {
      return codeName;
    }

    /** Whether a retry may help, and a stack trace would not. */
    boolean isOutage() {
      return this != INTERNAL;
    }

    /** By SQLite's result code, of which only the lowest byte says what happened. */
    private static Kind of(SQLException failure) {
      return switch (failure.getErrorCode() & PRIMARY_CODE) {
        case 13 -> NO_SPACE; // SQLITE_FULL
        case 3, // SQLITE_PERM
            5, // SQLITE_BUSY
            6, // SQLITE_LOCKED
            7, // SQLITE_NOMEM
            8, // SQLITE_READONLY
            10, // SQLITE_IOERR
            11, // SQLITE_CORRUPT
            14, // SQLITE_CANTOPEN
            15, // SQLITE_PROTOCOL
            26 -> // SQLITE_NOTADB
            DISK;
        default -> INTERNAL;
      };
    }
  }

  private final Kind kind;

  StoreFailure(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  StoreFailure(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** What SQLite has refused. */
  StoreFailure(String message, SQLException cause) {
    this(Kind.of(cause), message, cause);
  }

  Kind kind() {
    return kind;
  }
}
