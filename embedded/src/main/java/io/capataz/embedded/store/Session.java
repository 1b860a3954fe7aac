package io.capataz.embedded.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One connection to the file, with the statements it has prepared. Used by one thread at a time.
 */
final class Session implements AutoCloseable {

  private final Connection connection;
  private final Map<String, Deque<PreparedStatement>> idle = new HashMap<>();
  private long definitionsSeen;
  private Optional<StoreFailure> failure = Optional.empty();

  Session(Connection connection) {
    this.connection = connection;
  }

  /**
   * What SQLite refused first since the last {@link #recover}. After that it is unknown whether a
   * transaction is still open: SQLite undoes some of them by itself.
   */
  Optional<StoreFailure> failure() {
    return failure;
  }

  /**
   * Ends whatever transaction is open, and says whether another could begin. Begins one to find
   * out, because the answer to ROLLBACK does not show it.
   */
  boolean recover() {
    try (Statement statement = connection.createStatement()) {
      endTransaction(statement);
      statement.executeUpdate("BEGIN");
      statement.executeUpdate("ROLLBACK");
      failure = Optional.empty();
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  private static void endTransaction(Statement statement) {
    try {
      statement.executeUpdate("ROLLBACK");
    } catch (SQLException e) {
      // None was open; if the reason is another, the next transaction does not begin.
    }
  }

  /** Runs a statement that changes something and says how many rows it changed. */
  int change(String sql, Object... arguments) {
    PreparedStatement statement = take(sql);
    try {
      bind(statement, arguments);
      int changed = statement.executeUpdate();
      giveBack(sql, statement);
      return changed;
    } catch (SQLException e) {
      discard(statement);
      throw failed(sql, e);
    }
  }

  /**
   * Runs a statement that is needed once, such as the making of a table, to its end; rows are not
   * looked at.
   */
  void define(String sql) {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    } catch (SQLException e) {
      throw failed(sql, e);
    }
  }

  /** The single number a query answers, or nothing if it answers no row or NULL. */
  OptionalLong number(String sql, Object... arguments) {
    try (Rows rows = query(sql, arguments)) {
      return rows.next() && !rows.isNull(1)
          ? OptionalLong.of(rows.number(1))
          : OptionalLong.empty();
    }
  }

  Rows query(String sql, Object... arguments) {
    PreparedStatement statement = take(sql);
    try {
      bind(statement, arguments);
      return new Rows(sql, statement, statement.executeQuery());
    } catch (SQLException e) {
      discard(statement);
      throw failed(sql, e);
    }
  }

  /** The rows of one query; closing it gives the statement back. */
  final class Rows implements AutoCloseable {
    private final String sql;
    private final PreparedStatement statement;
    private final ResultSet result;

    private Rows(String sql, PreparedStatement statement, ResultSet result) {
      this.sql = sql;
      this.statement = statement;
      this.result = result;
    }

    boolean next() {
      try {
        return result.next();
      } catch (SQLException e) {
        throw failed(sql, e);
      }
    }

    boolean isNull(int column) {
      try {
        return result.getObject(column) == null;
      } catch (SQLException e) {
        throw failed(sql, e);
      }
    }

    long number(int column) {
      try {
        return result.getLong(column);
      } catch (SQLException e) {
        throw failed(sql, e);
      }
    }

    byte[] bytes(int column) {
      try {
        return result.getBytes(column);
      } catch (SQLException e) {
        throw failed(sql, e);
      }
    }

    String text(int column) {
      try {
        return result.getString(column);
      } catch (SQLException e) {
        throw failed(sql, e);
      }
    }

    @Override
    public void close() {
      if (failure.isPresent()) {
        discard(statement);
        return;
      }
      try {
        result.close();
      } catch (SQLException e) {
        discard(statement);
        throw failed(sql, e);
      }
      giveBack(sql, statement);
    }
  }

  /**
   * Statements of dropped tables would never be used again, so those made before the newest
   * definition go.
   */
  void forgetStatementsOfOlder(long definitions) {
    if (definitionsSeen != definitions) {
      forgetStatements();
      definitionsSeen = definitions;
    }
  }

  private void forgetStatements() {
    for (Deque<PreparedStatement> statements : idle.values()) {
      for (PreparedStatement statement : statements) {
        try {
          statement.close();
        } catch (SQLException e) {
          throw failed("close a statement", e);
        }
      }
    }
    idle.clear();
  }

  @Override
  public void close() {
    forgetStatements();
    try {
      connection.close();
    } catch (SQLException e) {
      throw failed("close", e);
    }
  }

  private PreparedStatement take(String sql) {
    Deque<PreparedStatement> statements = idle.get(sql);
    PreparedStatement statement = statements == null ? null : statements.poll();
    if (statement != null) {
      return statement;
    }
    try {
      return connection.prepareStatement(sql);
    } catch (SQLException e) {
      throw failed(sql, e);
    }
  }

  /**
   * A statement that failed is not used again: after some failures the driver refuses it for ever.
   */
  private static void discard(PreparedStatement statement) {
    try {
      statement.close();
    } catch (SQLException e) {
      // SQLite repeats the failure that led here.
    }
  }

  private void giveBack(String sql, PreparedStatement statement) {
    idle.computeIfAbsent(sql, _ -> new ArrayDeque<>()).push(statement);
  }

  private static void bind(PreparedStatement statement, Object... arguments) throws SQLException {
    for (int i = 0; i < arguments.length; i++) {
      switch (arguments[i]) {
        case byte[] bytes -> statement.setBytes(i + 1, bytes);
        case Long number -> statement.setLong(i + 1, number);
        case Integer number -> statement.setInt(i + 1, number);
        case String text -> statement.setString(i + 1, text);
        default -> throw new IllegalArgumentException("cannot bind a " + arguments[i].getClass());
      }
    }
  }

  private StoreFailure failed(String sql, SQLException cause) {
    StoreFailure refused =
        new StoreFailure(
            "The embedded store could not run `%s`: %s. Check its disk, then try again."
                .formatted(sql, cause.getMessage()),
            cause);
    failure = Optional.of(failure.orElse(refused));
    return refused;
  }
}
