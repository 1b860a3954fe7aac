package io.capataz.supervisor;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** A multipart/form-data body, written as browsers and curl write it. */
public final class Multipart {

  private final String boundary = UUID.randomUUID().toString();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();

  public Multipart field(String name, String value) {
    return part("name=\"" + name + "\"", "", value.getBytes(StandardCharsets.UTF_8));
  }

  public Multipart file(String name, String filename, String type, byte[] content) {
    return part(
        "name=\"" + name + "\"; filename=\"" + filename + "\"",
        "Content-Type: " + type + "\r\n",
        content);
  }

  private Multipart part(String disposition, String header, byte[] content) {
    write("--" + boundary + "\r\nContent-Disposition: form-data; " + disposition + "\r\n");
    write(header + "\r\n");
    body.writeBytes(content);
    write("\r\n");
    return this;
  }

  private void write(String text) {
    body.writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  public String type() {
    return "multipart/form-data; boundary=" + boundary;
  }

  public byte[] bytes() {
    write("--" + boundary + "--\r\n");
    return body.toByteArray();
  }
}
