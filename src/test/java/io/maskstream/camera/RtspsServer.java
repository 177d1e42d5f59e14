package io.maskstream.camera;

import java.io.BufferedReader;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacv.FFmpegFrameRecorder;
import org.bytedeco.javacv.Frame;

/** A camera that speaks RTSP over TLS: MPEG-TS in RTP, interleaved with the requests. */
final class RtspsServer implements AutoCloseable {
  private static final int PACKET_BYTES = 7 * 188;
  private static final int PACKET_MILLIS = 10;
  private static final byte VERSION_2 = (byte) 0x80;
  private static final byte MPEG_TS = 33;

  private static final List<String> DESCRIPTION =
      List.of(
          "v=0",
          "o=- 1 1 IN IP4 127.0.0.1",
          "s=camera",
          "t=0 0",
          "m=video 0 RTP/AVP 33",
          "a=control:trackID=0");

  private final SSLServerSocket server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final byte[] video;

  RtspsServer(SSLContext context, Path video) throws IOException {
    this.video = Files.readAllBytes(video);
    this.server =
        (SSLServerSocket)
            context
                .getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    threads.execute(this::accept);
  }

  /** Writes the video of such a camera. */
  static void record(Path file) throws IOException {
    try (FFmpegFrameRecorder recorder = new FFmpegFrameRecorder(file.toString(), 160, 120);
        Frame frame = new Frame(160, 120, Frame.DEPTH_UBYTE, 3)) {
      recorder.setFormat("mpegts");
      recorder.setVideoCodec(avcodec.AV_CODEC_ID_MPEG2VIDEO);
      recorder.setFrameRate(25);
      recorder.start();
      for (int i = 0; i < 100; i++) {
        ((ByteBuffer) frame.image[0]).put(3 * 160 * 50 + i, (byte) 200);
        recorder.record(frame, avutil.AV_PIX_FMT_BGR24);
      }
    }
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        threads.execute(() -> serve(socket));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      for (String request = in.readLine(); request != null; request = in.readLine()) {
        String number = "";
        for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
          number = line.startsWith("CSeq:") ? line : number;
        }
        String method = request.substring(0, Math.max(0, request.indexOf(' ')));
        String answer = "RTSP/1.0 200 OK\r\n" + number + "\r\n" + answer(method);
        out.write(answer.getBytes(StandardCharsets.US_ASCII));
        out.flush();
        if (method.equals("PLAY")) {
          play(out);
        }
      }
    } catch (IOException e) {
      return; // the client has gone, or refuses the certificate
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String answer(String method) {
    return switch (method) {
      case "OPTIONS" -> "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n\r\n";
      case "DESCRIBE" -> {
        String description = String.join("\r\n", DESCRIPTION) + "\r\n";
        yield "Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(description.length(), description);
      }
      case "SETUP" -> "Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n";
      default -> "Session: 1\r\n\r\n";
    };
  }

  private void play(DataOutputStream out) throws IOException, InterruptedException {
    for (int packet = 0; !server.isClosed(); packet++) {
      int at = packet * PACKET_BYTES % (video.length - PACKET_BYTES);
      out.writeByte('$');
      out.writeByte(0);
      out.writeShort(12 + PACKET_BYTES);
      out.writeByte(VERSION_2);
      out.writeByte(MPEG_TS);
      out.writeShort(packet);
      out.writeInt(packet * PACKET_MILLIS * 90);
      out.writeInt(1);
      out.write(video, at - at % 188, PACKET_BYTES);
      out.flush();
      Thread.sleep(PACKET_MILLIS);
    }
  }

  int port() {
    return server.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    server.close();
    threads.shutdownNow();
  }
}
