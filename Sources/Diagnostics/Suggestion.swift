/// "did you mean" by edit distance.
public enum Suggestion {
  /// What is longer was not meant as a name, and would take long to compare.
  private static let longest = 100
  /// How many names a remedy lists; of more, those that are nearest to what was written.
  private static let shown = 20

  /// The nearest of `candidates` to what was written, if it is near enough to be meant.
  public static func nearest(to written: String, in candidates: some Sequence<String>) -> String? {
    guard written.utf8.count <= longest else { return nil }
    let limit = max(1, written.count / 3)
    return candidates.filter { $0.utf8.count <= longest }
      .map { ($0, distance(written.lowercased(), $0.lowercased())) }
      .filter {
        $0.1 <= limit || (written.count >= 3 && $0.0.hasPrefix(written))
      }
      .min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
  }

  /// A remedy for a name that does not exist: the nearest one, or what there is.
  public static func help(for written: String, in candidates: some Collection<String>) -> String? {
    if let near = nearest(to: written, in: candidates) { return "did you mean '\(near)'?" }
    guard !candidates.isEmpty else { return nil }
    let names = candidates.sorted()
    guard names.count > shown else { return "there is: \(names.joined(separator: ", "))" }
    let nearest = names.map {
      ($0, distance(written.prefix(longest).lowercased(), $0.lowercased()))
    }
    .sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(shown).map(\.0)
    return "there is: \(nearest.joined(separator: ", ")), …"
  }

  /// The Damerau-Levenshtein distance with adjacent transpositions (optimal string alignment).
  static func distance(_ a: String, _ b: String) -> Int {
    let a = Array(a.unicodeScalars)
    let b = Array(b.unicodeScalars)
    var previous: [Int] = []
    var current = Array(0...b.count)
    for i in 0..<a.count {
      let beforePrevious = previous
      previous = current
      current = [i + 1]
      for j in 0..<b.count {
        var best = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          best = min(best, beforePrevious[j - 1] + 1)
        }
        current.append(best)
      }
    }
    return current[b.count]
  }
}
