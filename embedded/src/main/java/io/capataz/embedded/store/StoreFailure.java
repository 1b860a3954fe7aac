package io.capataz.embedded.store;

/**
 * The engine below the store failed: a full or broken disk, a damaged file. Never a mistake of the
 * caller.
 */
final class StoreFailure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  StoreFailure(String message, Throwable cause) {
    super(message, cause);
  }

  StoreFailure(String message) {
    super(message);
  }
}
