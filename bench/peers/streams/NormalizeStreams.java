import com.alibaba.fastjson2.JSONException;
import com.alibaba.fastjson2.JSONReader;
import com.alibaba.fastjson2.util.Fnv;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Properties;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * The normalize job in Kafka Streams: `NormalizeStreams PROPERTIES TOPIC OUT DETECTED ANNOTATED`.
 *
 * fastjson2 reads each message as a stream of fields and skips what is not needed, so no object
 * is made of the rest; Avro is encoded field by field, as its own generated coders do.  Times are
 * read as doubles and rounded, which is exact for the microseconds that the input has.  There is
 * no state.
 * One stream thread: with two it was no faster on two cores, one of which the broker needs.
 */
public final class NormalizeStreams {
  private static final long EARLIEST = 1_512_061_200_000_000L;
  private static final long AHEAD = 300_000_000L;
  private static final double YEAR_10000 = 253_402_300_800.0;

  public static void main(String[] words) throws Exception {
    Properties settings = new Properties();
    try (var in = Files.newInputStream(Path.of(words[0]))) {
      settings.load(in);
    }
    int detected = Integer.parseInt(words[3]);
    int annotated = Integer.parseInt(words[4]);
    Topology topology = new Topology();
    var bytes = Serdes.ByteArray();
    topology.addSource("raw", bytes.deserializer(), bytes.deserializer(), words[1]);
    topology.addProcessor("normalize", () -> new Normalize(detected, annotated), "raw");
    for (String kind : new String[] {"cctv.detected", "cctv.object_annotated", "letter"}) {
      String topic = words[2] + "." + kind;
      topology.addSink(kind, topic, bytes.serializer(), bytes.serializer(), "normalize");
    }
    KafkaStreams streams = new KafkaStreams(topology, settings);
    Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
    streams.start();
  }

  /** What is wrong with a message: the reason of its reject. */
  private static final class Bad extends RuntimeException {
    Bad(String reason) {
      super(reason, null, false, false);
    }
  }

  private enum Shape {
    ABSENT,
    TEXT,
    NUMBER,
    OTHER
  }

  /** One field as it was found: reused from message to message. */
  private static final class Field {
    Shape shape = Shape.ABSENT;
    String text;
    double number;

    void read(JSONReader json) {
      if (json.isString()) {
        text = json.readString();
        shape = Shape.TEXT;
      } else if (json.isNumber()) {
        number = json.readDoubleValue();
        shape = Shape.NUMBER;
      } else if (json.nextIfNull()) {
        shape = Shape.ABSENT;
      } else {
        json.skipValue();
        shape = Shape.OTHER;
      }
    }

    String text() {
      if (shape == Shape.ABSENT || shape == Shape.TEXT && text.isEmpty()) {
        throw new Bad("missing_field");
      }
      if (shape != Shape.TEXT) {
        throw new Bad("invalid");
      }
      if (text.indexOf('\ufffd') >= 0) {
        throw new Bad("undecodable");
      }
      return text;
    }

    long moment() {
      if (shape == Shape.ABSENT) {
        throw new Bad("missing_field");
      }
      if (shape != Shape.NUMBER) {
        throw new Bad("invalid");
      }
      if (!(number >= 0 && number < YEAR_10000)) {
        throw new Bad("time_out_of_range");
      }
      return Math.round(number * 1e6);
    }
  }

  /** One partition. */
  private static final class Normalize implements Processor<byte[], byte[], byte[], byte[]> {
    private static final long TYPE = Fnv.hashCode64("type");
    private static final long AFTER = Fnv.hashCode64("after");
    private static final long ID = Fnv.hashCode64("id");
    private static final long CAMERA = Fnv.hashCode64("camera");
    private static final long LABEL = Fnv.hashCode64("label");
    private static final long TOP_SCORE = Fnv.hashCode64("top_score");
    private static final long SCORE = Fnv.hashCode64("score");
    private static final long START_TIME = Fnv.hashCode64("start_time");
    private static final long END_TIME = Fnv.hashCode64("end_time");
    private static final long FRAME_TIME = Fnv.hashCode64("frame_time");
    private static final long FALSE_POSITIVE = Fnv.hashCode64("false_positive");
    private static final byte[] FRIGATE = "frigate".getBytes(StandardCharsets.UTF_8);

    private final int detected;
    private final int annotated;
    private final Field type = new Field();
    private final Field id = new Field();
    private final Field camera = new Field();
    private final Field label = new Field();
    private final Field topScore = new Field();
    private final Field score = new Field();
    private final Field start = new Field();
    private final Field end = new Field();
    private final Field frame = new Field();
    private final Field[] all = {type, id, camera, label, topScore, score, start, end, frame};
    private boolean falsePositive;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(256);
    private final MessageDigest sha;
    private BinaryEncoder encoder;
    private ProcessorContext<byte[], byte[]> context;
    private String lastSecond = "";
    private long lastSeconds;
    private boolean first = true;

    Normalize(int detected, int annotated) {
      this.detected = detected;
      this.annotated = annotated;
      try {
        sha = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException error) {
        throw new IllegalStateException(error);
      }
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> given) {
      context = given;
    }

    @Override
    public void process(Record<byte[], byte[]> message) {
      if (first) {
        first = false;
        System.err.println("first_event");
      }
      try {
        event(message);
      } catch (Bad | JSONException bad) {
        String reason = bad instanceof Bad ? bad.getMessage() : "undecodable";
        Headers headers = new RecordHeaders();
        headers.add("reject-reason", reason.getBytes(StandardCharsets.UTF_8));
        context.forward(message.withHeaders(headers), "letter");
      } catch (IOException error) {
        throw new UncheckedIOException(error);
      }
    }

    private void event(Record<byte[], byte[]> message) throws IOException {
      String topic = header(message, "h-topic");
      if (!topic.endsWith("/events")) {
        throw new Bad("unknown_type");
      }
      read(message.value());
      String kind = type.text();
      switch (kind) {
        case "new" -> {
          if (falsePositive) {
            annotate(message, "false_positive", start.moment());
          } else {
            detect(message);
          }
        }
        case "update" ->
            annotate(message, kind, (frame.shape == Shape.ABSENT ? start : frame).moment());
        case "end" -> annotate(message, kind, end.moment());
        default -> throw new Bad("unknown_type");
      }
    }

    private void read(byte[] value) {
      for (Field field : all) {
        field.shape = Shape.ABSENT;
      }
      falsePositive = false;
      boolean after = false;
      try (JSONReader json = JSONReader.of(value)) {
        if (!json.nextIfObjectStart()) {
          throw new Bad("invalid");
        }
        while (!json.nextIfObjectEnd()) {
          long name = json.readFieldNameHashCode();
          if (name == TYPE) {
            type.read(json);
          } else if (name == AFTER) {
            after = !json.nextIfNull();
            if (after) {
              state(json);
            }
          } else {
            json.skipValue();
          }
        }
        if (!json.isEnd()) {
          throw new Bad("undecodable");
        }
      }
      if (!after) {
        throw new Bad("missing_field");
      }
    }

    private void state(JSONReader json) {
      if (!json.nextIfObjectStart()) {
        throw new Bad("invalid");
      }
      while (!json.nextIfObjectEnd()) {
        long name = json.readFieldNameHashCode();
        if (name == ID) {
          id.read(json);
        } else if (name == CAMERA) {
          camera.read(json);
        } else if (name == LABEL) {
          label.read(json);
        } else if (name == TOP_SCORE) {
          topScore.read(json);
        } else if (name == SCORE) {
          score.read(json);
        } else if (name == START_TIME) {
          start.read(json);
        } else if (name == END_TIME) {
          end.read(json);
        } else if (name == FRAME_TIME) {
          frame.read(json);
        } else if (name == FALSE_POSITIVE) {
          Boolean told = json.readBool();
          falsePositive = told != null && told;
        } else {
          json.skipValue();
        }
      }
    }

    private void detect(Record<byte[], byte[]> message) throws IOException {
      String about = id.text();
      long at = start.moment();
      String name = camera.text();
      String what = label.text();
      Field best = best();
      inTime(message, at);
      begin(detected, "frigate:" + about + ":detected", at, name);
      encoder.writeString(what);
      encoder.writeInt(1);
      writeScore(best);
      encoder.writeIndex(0);
      encoder.writeIndex(0);
      send(message, name, "cctv.detected");
    }

    private void annotate(Record<byte[], byte[]> message, String kind, long at)
        throws IOException {
      String about = id.text();
      String name = camera.shape == Shape.ABSENT ? "unknown" : camera.text();
      Field best = best();
      inTime(message, at);
      String said = best == null ? "None" : Double.toString(best.number);
      String all = "('" + name + "', '" + about + "', '" + kind + "', " + at + ", " + said + ")";
      byte[] digest = sha.digest(all.getBytes(StandardCharsets.UTF_8));
      String hex = HexFormat.of().formatHex(digest, 0, 6);
      begin(annotated, "frigate:" + about + ":" + kind + ":" + hex, at, name);
      encoder.writeIndex(1);
      encoder.writeString(about);
      encoder.writeString(kind);
      writeScore(best);
      send(message, name, "cctv.object_annotated");
    }

    private Field best() {
      for (Field field : new Field[] {topScore, score}) {
        if (field.shape == Shape.ABSENT) {
          continue;
        }
        if (field.shape != Shape.NUMBER || !(field.number >= 0 && field.number <= 1)) {
          throw new Bad("invalid");
        }
        return field;
      }
      return null;
    }

    private void inTime(Record<byte[], byte[]> message, long at) {
      // 2026-03-02T00:00:00.050000Z: consecutive messages are mostly of the same second.
      String text = header(message, "received_at");
      String second = text.substring(0, 19);
      if (!second.equals(lastSecond)) {
        lastSeconds = Instant.parse(second + "Z").getEpochSecond() * 1_000_000L;
        lastSecond = second;
      }
      long received = lastSeconds;
      if (text.length() == 27) {
        received += Integer.parseInt(text, 20, 26, 10);
      }
      if (at < EARLIEST || at > received + AHEAD) {
        throw new Bad("time_out_of_range");
      }
    }

    private static String header(Record<byte[], byte[]> message, String name) {
      return new String(message.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    private void begin(int schema, String eventId, long at, String name) throws IOException {
      out.reset();
      out.write(ByteBuffer.allocate(5).put((byte) 0).putInt(schema).array());
      encoder = EncoderFactory.get().directBinaryEncoder(out, encoder);
      encoder.writeString(eventId);
      encoder.writeLong(at);
      encoder.writeLong(FRIGATE.length);
      encoder.writeFixed(FRIGATE);
      encoder.writeString(name);
    }

    private void writeScore(Field best) throws IOException {
      if (best == null) {
        encoder.writeIndex(0);
      } else {
        encoder.writeIndex(1);
        encoder.writeDouble(best.number);
      }
    }

    private void send(Record<byte[], byte[]> message, String name, String to) throws IOException {
      encoder.flush();
      byte[] key = name.getBytes(StandardCharsets.UTF_8);
      context.forward(
          new Record<>(key, out.toByteArray(), message.timestamp(), new RecordHeaders()), to);
    }
  }
}
