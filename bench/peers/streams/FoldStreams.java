import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Properties;
import java.util.Set;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.util.Utf8;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * The fold job in Kafka Streams: `FoldStreams PROPERTIES TOPIC OUT TICK_SCHEMA`.
 *
 * A processor over a store, not the DSL's windows: cells are closed by the ticks that stand in each
 * partition, and no repartition is needed.  The body is decoded field by field, as Avro's own
 * generated coders do; keys and values of the store are bytes, so no serde runs at an update.
 * It keeps no event ids (a resend counts twice), forgets no minute and computes no KPI.
 * One stream thread: with two it was no faster on two cores, one of which the broker needs.
 */
public final class FoldStreams {
  private static final long MINUTE = 60_000_000L;
  private static final int FRAME = 5;
  private static final double LEAST = 0.1;

  public static void main(String[] words) throws Exception {
    Properties settings = new Properties();
    try (var in = Files.newInputStream(Path.of(words[0]))) {
      settings.load(in);
    }
    int tick = Integer.parseInt(words[3]);
    Topology topology = new Topology();
    var bytes = Serdes.ByteArray();
    topology.addSource("events", bytes.deserializer(), bytes.deserializer(), words[1]);
    topology.addProcessor("fold", () -> new Fold(tick), "events");
    topology.addStateStore(
        Stores.keyValueStoreBuilder(
                Stores.inMemoryKeyValueStore("cells"), Serdes.Bytes(), Serdes.ByteArray())
            .withCachingEnabled(),
        "fold");
    topology.addSink("out", words[2], bytes.serializer(), bytes.serializer(), "fold");
    KafkaStreams streams = new KafkaStreams(topology, settings);
    Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
    streams.start();
  }

  /** One partition. */
  private static final class Fold implements Processor<byte[], byte[], byte[], byte[]> {
    private final int tickSchema;
    private final Utf8 camera = new Utf8();
    private final Utf8 label = new Utf8();
    private final Set<Bytes> unsaid = new HashSet<>();
    private BinaryDecoder decoder;
    private KeyValueStore<Bytes, byte[]> cells;
    private ProcessorContext<byte[], byte[]> context;
    private long rejected;
    private boolean first = true;

    Fold(int tickSchema) {
      this.tickSchema = tickSchema;
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> given) {
      context = given;
      cells = given.getStateStore("cells");
      // After a restart: what was not said before is said again.
      try (KeyValueIterator<Bytes, byte[]> kept = cells.all()) {
        while (kept.hasNext()) {
          KeyValue<Bytes, byte[]> cell = kept.next();
          unsaid.add(cell.key);
        }
      }
    }

    @Override
    public void process(Record<byte[], byte[]> event) {
      if (first) {
        first = false;
        System.err.println("first_event");
      }
      byte[] value = event.value();
      try {
        decoder =
            DecoderFactory.get().binaryDecoder(value, FRAME, value.length - FRAME, decoder);
        decoder.skipString();
        long at = decoder.readLong();
        if (ByteBuffer.wrap(value).getInt(1) == tickSchema) {
          close(at, event);
          return;
        }
        decoder.skipString();
        decoder.readString(camera);
        decoder.readString(label);
        int count = decoder.readInt();
        boolean sure = decoder.readIndex() == 1;
        double confidence = sure ? decoder.readDouble() : -1.0;
        if (sure && confidence < LEAST) {
          rejected++;
          return;
        }
        add(at / MINUTE, count, confidence);
      } catch (java.io.IOException error) {
        throw new java.io.UncheckedIOException(error);
      }
    }

    private void add(long minute, int count, double confidence) {
      int cameraSize = camera.getByteLength();
      int labelSize = label.getByteLength();
      byte[] name =
          ByteBuffer.allocate(Long.BYTES + cameraSize + 1 + labelSize)
              .putLong(minute)
              .put(camera.getBytes(), 0, cameraSize)
              .put((byte) '|')
              .put(label.getBytes(), 0, labelSize)
              .array();
      Bytes cell = Bytes.wrap(name);
      byte[] old = cells.get(cell);
      ByteBuffer now = ByteBuffer.allocate(3 * Long.BYTES);
      if (old == null) {
        now.putLong(count).putLong(1).putDouble(confidence);
      } else {
        ByteBuffer was = ByteBuffer.wrap(old);
        now.putLong(was.getLong() + count)
            .putLong(was.getLong() + 1)
            .putDouble(Math.max(was.getDouble(), confidence));
      }
      cells.put(cell, now.array());
      unsaid.add(cell);
    }

    private void close(long until, Record<byte[], byte[]> tick) {
      for (Iterator<Bytes> open = unsaid.iterator(); open.hasNext(); ) {
        Bytes cell = open.next();
        byte[] name = cell.get();
        long minute = ByteBuffer.wrap(name).getLong();
        if ((minute + 1) * MINUTE > until) {
          continue;
        }
        open.remove();
        ByteBuffer held = ByteBuffer.wrap(cells.get(cell));
        String about = new String(name, Long.BYTES, name.length - Long.BYTES, StandardCharsets.UTF_8);
        String said =
            "[" + until + ", " + held.getLong() + ", " + held.getLong() + ", " + held.getDouble() + "]";
        say(minute + "|" + about, said, tick);
      }
      String task = "rejected|" + context.taskId();
      say(task, Long.toString(rejected), tick);
    }

    private void say(String key, String value, Record<byte[], byte[]> tick) {
      byte[] name = key.getBytes(StandardCharsets.UTF_8);
      context.forward(tick.withKey(name).withValue(value.getBytes(StandardCharsets.UTF_8)));
    }
  }
}
