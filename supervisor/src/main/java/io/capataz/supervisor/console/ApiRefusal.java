package io.capataz.supervisor.console;

/** A route refused what a page needs. The page says so, with the route's status and words. */
final class ApiRefusal extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final transient ApiAnswer answer;

  ApiRefusal(ApiAnswer answer) {
    super(answer.detail());
    this.answer = answer;
  }

  ApiAnswer answer() {
    return answer;
  }
}
