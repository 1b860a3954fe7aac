package io.capataz.standalone.demo;

/** Something in the demo went otherwise than told; one sentence for the person who watches. */
final class Surprise extends RuntimeException {

  private static final long serialVersionUID = 1L;

  Surprise(String sentence) {
    super(sentence, null, false, false);
  }
}
