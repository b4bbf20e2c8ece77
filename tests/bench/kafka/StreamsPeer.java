import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * What a team with Kafka Streams would write for Wirewatch's job: parse an article (ninjs 3, ninjs 1, flat JSON), find the phrases of a
 * list in headline and text, publish the article with what was found, an alert for every desk whose phrase stands in the headline, and
 * what cannot be read to dead letters.
 *
 * StreamsPeer BROKERS RAW ENRICHED ALERTS DEAD PHRASES DIRECTORY THREADS at_least_once|exactly_once. PHRASES is a file of lines "desk TAB phrase".
 */
public final class StreamsPeer {
  static final class Article {
    String uri = "";
    String version = "";
    String language = "";
    String headline = "";
    String body = "";
  }

  /** Phrases as a trie over hashes of words, in open addressing: no object is made for a word. */
  static final class Phrases {
    private static final int ROOT = 1;
    private final long[] keys;
    private final int[] children;
    private final int mask;
    private final int[] phraseOfNode;
    final List<String> texts = new ArrayList<>();
    final List<String> desks = new ArrayList<>();
    private int nodes = ROOT;

    Phrases(List<String> lines) {
      int capacity = Integer.highestOneBit(Math.max(16, lines.size() * 16)) * 2;
      keys = new long[capacity];
      children = new int[capacity];
      mask = capacity - 1;
      phraseOfNode = new int[lines.size() * 16 + 2];
      Words words = new Words();
      for (String line : lines) {
        int tab = line.indexOf('\t');
        String text = line.substring(tab + 1);
        words.split(text);
        int node = ROOT;
        for (int i = 0; i < words.count; ++i) {
          int next = child(node, words.hashes[i]);
          node = next != 0 ? next : add(node, words.hashes[i]);
        }
        if (node == ROOT || phraseOfNode[node] != 0) continue;
        texts.add(text);
        desks.add(line.substring(0, tab));
        phraseOfNode[node] = texts.size();
      }
    }

    private static long mix(int node, long hash) {
      long x = (hash ^ node * 0x9E3779B97F4A7C15L) * 0xBF58476D1CE4E5B9L;
      x ^= x >>> 32;
      return x == 0 ? 1 : x;
    }

    private int child(int node, long hash) {
      long key = mix(node, hash);
      for (int i = (int) key & mask; keys[i] != 0; i = i + 1 & mask) {
        if (keys[i] == key) return children[i];
      }
      return 0;
    }

    private int add(int node, long hash) {
      long key = mix(node, hash);
      int i = (int) key & mask;
      while (keys[i] != 0) i = i + 1 & mask;
      keys[i] = key;
      children[i] = ++nodes;
      return nodes;
    }

    /** Adds the longest phrase at each place, as triples of phrase, first and last character. */
    void find(Words words, Hits hits) {
      for (int i = 0; i < words.count;) {
        int node = ROOT;
        int found = 0;
        int end = i + 1;
        for (int j = i; j < words.count; ++j) {
          node = child(node, words.hashes[j]);
          if (node == 0) break;
          if (phraseOfNode[node] != 0) {
            found = phraseOfNode[node];
            end = j + 1;
          }
        }
        if (found != 0) hits.add(found - 1, words.begins[i], words.ends[end - 1]);
        i = end;
      }
    }
  }

  /** Words of a text: hashes of their letters and digits in lower case, and where they are. */
  static final class Words {
    long[] hashes = new long[4096];
    int[] begins = new int[4096];
    int[] ends = new int[4096];
    int count;

    void split(String text) {
      count = 0;
      int length = text.length();
      for (int i = 0; i < length;) {
        char c = text.charAt(i);
        if (!isPart(c)) {
          ++i;
          continue;
        }
        long hash = 0xCBF29CE484222325L;
        int begin = i;
        do {
          hash = (hash ^ lower(c)) * 0x100000001B3L;
        } while (++i < length && isPart(c = text.charAt(i)));
        if (count == hashes.length) grow();
        hashes[count] = hash;
        begins[count] = begin;
        ends[count++] = i;
      }
    }

    private static boolean isPart(char c) {
      return c < 128 ? c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' : Character.isLetterOrDigit(c);
    }

    private static char lower(char c) {
      return c < 128 ? c >= 'A' && c <= 'Z' ? (char) (c + 32) : c : Character.toLowerCase(c);
    }

    private void grow() {
      hashes = Arrays.copyOf(hashes, count * 2);
      begins = Arrays.copyOf(begins, count * 2);
      ends = Arrays.copyOf(ends, count * 2);
    }
  }

  static final class Hits {
    int[] phrases = new int[256];
    int[] begins = new int[256];
    int[] ends = new int[256];
    int count;

    void add(int phrase, int begin, int end) {
      if (count == phrases.length) {
        phrases = Arrays.copyOf(phrases, count * 2);
        begins = Arrays.copyOf(begins, count * 2);
        ends = Arrays.copyOf(ends, count * 2);
      }
      phrases[count] = phrase;
      begins[count] = begin;
      ends[count++] = end;
    }
  }

  static final class Enricher implements Processor<byte[], byte[], byte[], byte[]> {
    private static final JsonFactory JSON = new JsonFactory();
    private final Phrases phrases;
    private final Words words = new Words();
    private final Hits inHeadline = new Hits();
    private final Hits inBody = new Hits();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(16384);
    private ProcessorContext<byte[], byte[]> context;

    Enricher(Phrases phrases) {
      this.phrases = phrases;
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
      this.context = context;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
      try {
        Article article = parse(record.value());
        words.split(article.headline);
        inHeadline.count = 0;
        phrases.find(words, inHeadline);
        words.split(article.body);
        inBody.count = 0;
        phrases.find(words, inBody);
        byte[] key = article.uri.getBytes(StandardCharsets.UTF_8);
        context.forward(record.withKey(key).withValue(event(article)), "enriched");
        for (int i = 0; i < inHeadline.count; ++i) {
          String desk = phrases.desks.get(inHeadline.phrases[i]);
          boolean again = false;
          for (int j = 0; j < i; ++j) again |= phrases.desks.get(inHeadline.phrases[j]).equals(desk);
          if (!again) context.forward(record.withKey(desk.getBytes(StandardCharsets.UTF_8)).withValue(alert(article, desk)), "alerts");
        }
      } catch (IOException | RuntimeException error) {
        context.forward(record, "dead");
      }
    }

    private static Article parse(byte[] value) throws IOException {
      Article article = new Article();
      try (JsonParser parser = JSON.createParser(value)) {
        if (parser.nextToken() != JsonToken.START_OBJECT) throw new IOException("no object");
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String name = parser.currentName();
          JsonToken token = parser.nextToken();
          switch (name) {
            case "uri", "guid", "url" -> article.uri = parser.getText();
            case "version" -> article.version = parser.getText();
            case "language" -> article.language = parser.getText();
            case "headline", "title" -> article.headline = parser.getText();
            case "body_text", "content", "text" -> article.body = parser.getText();
            case "headlines" -> article.headline = firstValue(parser);
            case "bodies" -> article.body = firstValue(parser);
            default -> {
              if (token.isStructStart()) parser.skipChildren();
            }
          }
        }
      }
      if (article.headline.isEmpty() && article.body.isEmpty()) throw new IOException("no text");
      return article;
    }

    /** Of [{"value": TEXT, ...}, ...]. */
    private static String firstValue(JsonParser parser) throws IOException {
      String found = "";
      int depth = 1;
      while (depth > 0) {
        JsonToken token = parser.nextToken();
        if (token == null) throw new IOException("cut off");
        if (token.isStructStart()) ++depth;
        if (token.isStructEnd()) --depth;
        if (token == JsonToken.FIELD_NAME && parser.currentName().equals("value") && parser.nextToken() == JsonToken.VALUE_STRING && found.isEmpty())
          found = parser.getText();
      }
      return found;
    }

    private byte[] event(Article article) throws IOException {
      out.reset();
      try (JsonGenerator json = JSON.createGenerator(out)) {
        json.writeStartObject();
        json.writeObjectFieldStart("article");
        json.writeStringField("uri", article.uri);
        json.writeStringField("version", article.version);
        json.writeStringField("language", article.language);
        json.writeStringField("headline", article.headline);
        json.writeStringField("body", article.body);
        json.writeEndObject();
        json.writeObjectFieldStart("enrichment");
        json.writeArrayFieldStart("phrases");
        write(json, "headline", inHeadline, Integer.MAX_VALUE);
        write(json, "body", inBody, Integer.MAX_VALUE);
        json.writeEndArray();
        json.writeEndObject();
        json.writeEndObject();
      }
      return out.toByteArray();
    }

    private byte[] alert(Article article, String desk) throws IOException {
      out.reset();
      try (JsonGenerator json = JSON.createGenerator(out)) {
        json.writeStartObject();
        json.writeStringField("profile", desk);
        json.writeStringField("uri", article.uri);
        json.writeStringField("headline", article.headline);
        json.writeArrayFieldStart("evidence");
        write(json, "headline", inHeadline, 20);
        json.writeEndArray();
        json.writeEndObject();
      }
      return out.toByteArray();
    }

    private void write(JsonGenerator json, String zone, Hits hits, int max) throws IOException {
      for (int i = 0; i < Math.min(hits.count, max); ++i) {
        json.writeStartObject();
        json.writeStringField("zone", zone);
        json.writeStringField("text", phrases.texts.get(hits.phrases[i]));
        json.writeNumberField("begin", hits.begins[i]);
        json.writeNumberField("end", hits.ends[i]);
        json.writeEndObject();
      }
    }
  }

  public static void main(String[] arguments) throws Exception {
    Phrases phrases = new Phrases(Files.readAllLines(Path.of(arguments[5])));
    boolean exactly = arguments[8].equals("exactly_once");
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "peer-" + arguments[1]);
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
    properties.put(StreamsConfig.STATE_DIR_CONFIG, arguments[6]);
    properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, arguments[7]);
    properties.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
    properties.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, exactly ? StreamsConfig.EXACTLY_ONCE_V2 : StreamsConfig.AT_LEAST_ONCE);
    // Offsets once a second, a few milliseconds for a batch and lz4, as Wirewatch; transactions of twenty milliseconds, not Kafka's hundred.
    properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, exactly ? 20 : 1000);
    properties.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 5);
    properties.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
    properties.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 1_000_000);
    properties.put(StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG), 64L * 1024 * 1024);
    properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    Topology topology = new Topology();
    topology.addSource("raw", arguments[1]);
    topology.addProcessor("enricher", () -> new Enricher(phrases), "raw");
    topology.addSink("enriched", arguments[2], "enricher");
    topology.addSink("alerts", arguments[3], "enricher");
    topology.addSink("dead", arguments[4], "enricher");
    KafkaStreams streams = new KafkaStreams(topology, properties);
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      streams.close();
      ended.countDown();
    }));
    streams.start();
    ended.await();
  }
}
