package io.capataz.supervisor.console;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;

/**
 * The answer to a page's request. A problem is not sent to the browser: it is kept, and becomes a
 * page.
 */
final class PageResponse extends HttpServletResponseWrapper {

  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private boolean isProblem;

  PageResponse(HttpServletResponse response) {
    super(response);
  }

  /** The problem, as JSON; empty if something else was answered. */
  Optional<byte[]> problem() {
    return isProblem ? Optional.of(kept.toByteArray()) : Optional.empty();
  }

  @Override
  public void setContentType(@Nullable String type) {
    note(type);
    if (!isProblem) {
      super.setContentType(type);
    }
  }

  @Override
  public void setHeader(String name, @Nullable String value) {
    if (!isOfProblem(name, value)) {
      super.setHeader(name, value);
    }
  }

  @Override
  public void addHeader(String name, @Nullable String value) {
    if (!isOfProblem(name, value)) {
      super.addHeader(name, value);
    }
  }

  @Override
  public void setContentLength(int length) {
    if (!isProblem) {
      super.setContentLength(length);
    }
  }

  @Override
  public void setContentLengthLong(long length) {
    if (!isProblem) {
      super.setContentLengthLong(length);
    }
  }

  @Override
  public void flushBuffer() throws IOException {
    if (!isProblem) {
      super.flushBuffer();
    }
  }

  @Override
  public ServletOutputStream getOutputStream() throws IOException {
    return isProblem ? new Keeping(kept) : super.getOutputStream();
  }

  private boolean isOfProblem(String name, @Nullable String value) {
    if (HttpHeaders.CONTENT_TYPE.equalsIgnoreCase(name)) {
      note(value);
    }
    return isProblem
        && (HttpHeaders.CONTENT_TYPE.equalsIgnoreCase(name)
            || HttpHeaders.CONTENT_LENGTH.equalsIgnoreCase(name)
            || HttpHeaders.WWW_AUTHENTICATE.equalsIgnoreCase(name));
  }

  private void note(@Nullable String type) {
    isProblem =
        isProblem || (type != null && type.startsWith(MediaType.APPLICATION_PROBLEM_JSON_VALUE));
  }

  /** Writes into memory. */
  static final class Keeping extends ServletOutputStream {
    private final ByteArrayOutputStream into;

    Keeping(ByteArrayOutputStream into) {
      this.into = into;
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setWriteListener(WriteListener listener) {
      throw new UnsupportedOperationException("What is kept is written at once.");
    }

    @Override
    public void write(int octet) {
      into.write(octet);
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
      into.write(bytes, from, length);
    }
  }
}
