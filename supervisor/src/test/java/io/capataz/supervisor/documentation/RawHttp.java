package io.capataz.supervisor.documentation;

import io.capataz.common.protocol.Bytes;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A connection that sends whatever bytes it is given, as no client library would. */
final class RawHttp implements AutoCloseable {

  private final URI address;
  private final int patience;
  private @Nullable Socket socket;
  private @Nullable InputStream in;

  /**
   * Connects when something is to be sent.
   *
   * @param patience milliseconds in which an answer must go on
   */
  RawHttp(URI address, int patience) {
    this.address = address;
    this.patience = patience;
  }

  /** An answer; the names of its headers are in lower case. */
  record Reply(int status, Map<String, String> headers, Bytes body) {
    String header(String name) {
      return headers.getOrDefault(name, "");
    }

    String text() {
      return body.asUtf8();
    }
  }

  Reply send(byte[] request) throws IOException {
    var fresh = socket == null;
    try {
      return once(request);
    } catch (java.net.SocketTimeoutException hangs) {
      close();
      throw hangs;
    } catch (IOException e) {
      close();
      if (fresh) {
        throw e;
      }
      return once(request); // The connection was idle, and the server had ended it.
    }
  }

  private Reply once(byte[] request) throws IOException {
    var open = socket;
    var stream = in;
    if (open == null || stream == null) {
      open = new Socket(address.getHost(), address.getPort());
      open.setSoTimeout(patience);
      open.setTcpNoDelay(true);
      socket = open;
      stream = new BufferedInputStream(open.getInputStream());
      in = stream;
    }
    try {
      open.getOutputStream().write(request);
    } catch (java.net.SocketTimeoutException e) {
      throw e;
    } catch (IOException refused) {
      // It may have answered before it had read everything.
      if (stream.available() == 0) {
        throw refused;
      }
    }
    var reply = reply(stream);
    if (reply.header("connection").equalsIgnoreCase("close")) {
      close();
    }
    return reply;
  }

  private static Reply reply(InputStream in) throws IOException {
    var status = line(in).split(" ", 3);
    var headers = new HashMap<String, String>();
    for (var line = line(in); !line.isEmpty(); line = line(in)) {
      var colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    var code = Integer.parseInt(status[1]);
    return new Reply(code, headers, Bytes.of(body(in, code, headers)));
  }

  private static byte[] body(InputStream in, int status, Map<String, String> headers)
      throws IOException {
    if (status == 204 || status == 304) {
      return new byte[0];
    }
    if (headers.getOrDefault("transfer-encoding", "").equalsIgnoreCase("chunked")) {
      var body = new ByteArrayOutputStream();
      while (true) {
        var size = Integer.parseInt(line(in).strip(), 16);
        body.write(exactly(in, size));
        line(in);
        if (size == 0) {
          return body.toByteArray();
        }
      }
    }
    var length = headers.get("content-length");
    return length == null ? in.readAllBytes() : exactly(in, Integer.parseInt(length));
  }

  private static byte[] exactly(InputStream in, int length) throws IOException {
    var bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("The answer ended before its end.");
    }
    return bytes;
  }

  private static String line(InputStream in) throws IOException {
    var line = new ByteArrayOutputStream();
    for (var next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("The connection ended.");
      }
      if (next != '\r') {
        line.write(next);
      }
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    try {
      if (socket != null) {
        socket.close();
      }
    } catch (IOException gone) {
      // It is closed either way.
    }
    socket = null;
    in = null;
  }
}
