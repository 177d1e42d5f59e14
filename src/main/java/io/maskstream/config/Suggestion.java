package io.maskstream.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/** The known word nearest to a mistyped one. */
final class Suggestion {

  private Suggestion() {}

  /** " - did you mean X?", or nothing where no word is near. */
  static String of(String typed, Collection<String> known) {
    return known.stream()
        .min(Comparator.comparingInt(word -> distance(typed, word)))
        .filter(word -> distance(typed, word) <= Math.max(2, word.length() / 3))
        .map(word -> " - did you mean '" + word + "'?")
        .orElse("");
  }

  /** Levenshtein distance, letter case ignored. */
  private static int distance(String a, String b) {
    String s = a.toLowerCase(Locale.ROOT);
    String t = b.toLowerCase(Locale.ROOT);
    int[] row = new int[t.length() + 1];
    for (int j = 0; j <= t.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= s.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= t.length(); j++) {
        int change = diagonal + (s.charAt(i - 1) == t.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[t.length()];
  }
}
