package io.capataz.supervisor.console;

import io.capataz.common.protocol.Bytes;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.ByteArrayOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/** An answer to a page's own request. Nothing of it reaches the browser. */
final class ApiResponse extends HttpServletResponseWrapper {

  private final ByteArrayOutputStream content = new ByteArrayOutputStream();
  private final Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private int status = SC_OK;

  ApiResponse(HttpServletResponse page) {
    super(page);
  }

  Bytes bytes() {
    return Bytes.of(content.toByteArray());
  }

  Collection<String> cookies() {
    return getHeaders(HttpHeaders.SET_COOKIE);
  }

  @Override
  public int getStatus() {
    return status;
  }

  @Override
  public void setStatus(int code) {
    status = code;
  }

  @Override
  public void sendError(int code) {
    status = code;
  }

  @Override
  public void sendError(int code, String message) {
    status = code;
  }

  @Override
  public void sendRedirect(String location) {
    status = SC_FOUND;
    setHeader(HttpHeaders.LOCATION, location);
  }

  @Override
  public void setHeader(String name, @Nullable String value) {
    headers.remove(name);
    if (value != null) {
      addHeader(name, value);
    }
  }

  @Override
  public void addHeader(String name, String value) {
    headers.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
  }

  @Override
  public void setIntHeader(String name, int value) {
    setHeader(name, Integer.toString(value));
  }

  @Override
  public void addIntHeader(String name, int value) {
    addHeader(name, Integer.toString(value));
  }

  @Override
  public void setDateHeader(String name, long date) {
    setHeader(name, Long.toString(date));
  }

  @Override
  public void addDateHeader(String name, long date) {
    addHeader(name, Long.toString(date));
  }

  @Override
  public boolean containsHeader(String name) {
    return headers.containsKey(name);
  }

  @Override
  public @Nullable String getHeader(String name) {
    return headers.containsKey(name) ? headers.get(name).getFirst() : null;
  }

  @Override
  public Collection<String> getHeaders(String name) {
    return headers.getOrDefault(name, List.of());
  }

  @Override
  public Collection<String> getHeaderNames() {
    return headers.keySet();
  }

  @Override
  public void addCookie(Cookie cookie) {
    throw new UnsupportedOperationException("Cookies of the API are headers.");
  }

  @Override
  public void setContentType(@Nullable String type) {
    setHeader(HttpHeaders.CONTENT_TYPE, type);
  }

  @Override
  public @Nullable String getContentType() {
    return getHeader(HttpHeaders.CONTENT_TYPE);
  }

  @Override
  public void setCharacterEncoding(String charset) {}

  @Override
  public String getCharacterEncoding() {
    return StandardCharsets.UTF_8.name();
  }

  @Override
  public void setContentLength(int length) {}

  @Override
  public void setContentLengthLong(long length) {}

  @Override
  public ServletOutputStream getOutputStream() {
    return new PageResponse.Keeping(content);
  }

  @Override
  public PrintWriter getWriter() {
    return new PrintWriter(new OutputStreamWriter(content, StandardCharsets.UTF_8), true);
  }

  @Override
  public boolean isCommitted() {
    return false;
  }

  @Override
  public void flushBuffer() {}

  @Override
  public void reset() {
    content.reset();
    headers.clear();
    status = SC_OK;
  }

  @Override
  public void resetBuffer() {
    content.reset();
  }
}
