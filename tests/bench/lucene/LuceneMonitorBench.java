package wirewatch;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.Term;
import org.apache.lucene.monitor.MatchingQueries;
import org.apache.lucene.monitor.Monitor;
import org.apache.lucene.monitor.MonitorConfiguration;
import org.apache.lucene.monitor.MonitorQuery;
import org.apache.lucene.monitor.QueryMatch;
import org.apache.lucene.monitor.RegexpQueryHandler;
import org.apache.lucene.monitor.TermFilteredPresearcher;
import org.apache.lucene.monitor.TermWeightor;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.RegexpQuery;
import org.apache.lucene.search.TermQuery;

/**
 * Matches the generated articles against the generated queries with Lucene Monitor: its presearcher weighs terms by how
 * many of the articles contain them, which is more than it would know in a newsroom.
 *
 * <pre>LuceneMonitorBench QUERIES ARTICLES MATCHES SECONDS</pre>
 */
public final class LuceneMonitorBench {
  private static final String FIELD = "text";
  private static final int BATCH = 10_000;

  private LuceneMonitorBench() {}

  public static void main(String[] args) throws IOException {
    List<String> articles = Files.readAllLines(Path.of(args[1]));
    TermWeightor weightor =
        TermWeightor.combine(TermWeightor.DEFAULT, TermWeightor.termFreqWeightor(frequencies(articles), 100, 0.8));
    long before = usedBytes();
    long start = System.nanoTime();
    try (Monitor monitor =
        new Monitor(
            new WhitespaceAnalyzer(),
            new TermFilteredPresearcher(weightor, List.of(new RegexpQueryHandler()), Set.of()),
            new MonitorConfiguration())) {
      register(monitor, Path.of(args[0]));
      double buildSeconds = (System.nanoTime() - start) / 1e9;
      double memory = (usedBytes() - before) / 1048576.0;

      // Once for the compiler and for the comparison; then as often as the time allows.
      long matches = 0;
      long candidates = 0;
      long warm = System.nanoTime();
      int warmed = 0;
      try (BufferedWriter out = Files.newBufferedWriter(Path.of(args[2]))) {
        for (int i = 0; i < articles.size(); ++i) {
          MatchingQueries<QueryMatch> found = match(monitor, articles.get(i));
          candidates += found.getQueriesRun();
          List<String> ids = new ArrayList<>();
          for (QueryMatch one : found.getMatches()) ids.add(one.getQueryId());
          ids.sort((a, b) -> Integer.compare(Integer.parseInt(a), Integer.parseInt(b)));
          matches += ids.size();
          for (String id : ids) out.write(i + "\t" + id + "\n");
        }
      }
      double limit = Double.parseDouble(args[3]);
      ThreadMXBean threads = ManagementFactory.getThreadMXBean();
      long[] times = new long[1_000_000];
      long[] cpuTimes = new long[1_000_000];
      long cpuTotal = 0;
      int measured = 0;
      long total = 0;
      for (int i = 0; measured < times.length; i = (i + 1) % articles.size()) {
        if (total > limit * 1e9 && measured >= 100) break;
        long cpuBegin = threads.getCurrentThreadCpuTime();
        long begin = System.nanoTime();
        match(monitor, articles.get(i));
        times[measured] = System.nanoTime() - begin;
        cpuTimes[measured] = threads.getCurrentThreadCpuTime() - cpuBegin;
        cpuTotal += cpuTimes[measured];
        total += times[measured++];
      }
      Arrays.sort(times, 0, measured);
      Arrays.sort(cpuTimes, 0, measured);
      System.out.printf(
          "{\"engine\": \"Lucene Monitor\", \"build_s\": %.2f, \"memory_mib\": %.1f, \"articles_per_s\": %.2f, "
              + "\"p50_ms\": %.4f, \"p99_ms\": %.4f, \"cpu_articles_per_s\": %.2f, \"cpu_p50_ms\": %.4f, "
              + "\"cpu_p99_ms\": %.4f, \"candidates\": %d, \"matches\": %d, \"measured\": %d}%n",
          buildSeconds, memory, measured / (total / 1e9), times[measured / 2] / 1e6,
          times[(int) (measured * 0.99)] / 1e6, measured / (cpuTotal / 1e9), cpuTimes[measured / 2] / 1e6,
          cpuTimes[(int) (measured * 0.99)] / 1e6, candidates, matches, measured);
    }
  }

  private static MatchingQueries<QueryMatch> match(Monitor monitor, String text) throws IOException {
    Document document = new Document();
    document.add(new TextField(FIELD, text, Field.Store.NO));
    return monitor.match(document, QueryMatch.SIMPLE_MATCHER);
  }

  private static void register(Monitor monitor, Path path) throws IOException {
    try (BufferedReader in = Files.newBufferedReader(path)) {
      List<MonitorQuery> batch = new ArrayList<>(BATCH);
      int id = 0;
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        batch.add(new MonitorQuery(Integer.toString(id++), query(line)));
        if (batch.size() == BATCH) {
          monitor.register(batch);
          batch = new ArrayList<>(BATCH);
        }
      }
      if (!batch.isEmpty()) monitor.register(batch);
    }
  }

  // "+must -not word*": with no '+' one of the words must be there.
  private static Query query(String line) {
    BooleanQuery.Builder query = new BooleanQuery.Builder();
    for (String word : line.split(" ")) {
      if (word.charAt(0) == '+') {
        query.add(term(word.substring(1)), Occur.MUST);
      } else if (word.charAt(0) == '-') {
        query.add(term(word.substring(1)), Occur.MUST_NOT);
      } else {
        query.add(term(word), Occur.SHOULD);
      }
    }
    return query.build();
  }

  private static Query term(String word) {
    if (word.indexOf('*') < 0) return new TermQuery(new Term(FIELD, word));
    return new RegexpQuery(new Term(FIELD, word.replace("*", ".*")));
  }

  private static Map<String, Integer> frequencies(List<String> articles) {
    Map<String, Integer> counts = new HashMap<>();
    for (String article : articles) {
      for (String word : new HashSet<>(Arrays.asList(article.split(" ")))) counts.merge(word, 1, Integer::sum);
    }
    return counts;
  }

  private static long usedBytes() {
    Runtime runtime = Runtime.getRuntime();
    for (int i = 0; i < 3; ++i) System.gc();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
