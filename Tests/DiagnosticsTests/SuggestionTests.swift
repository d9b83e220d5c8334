import Testing

@testable import Diagnostics

@Suite struct SuggestionTests {
  @Test(arguments: [
    ("dedupliacte", "deduplicate", 1), ("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3),
    ("same", "same", 0), ("ca", "abc", 3), ("größe", "grosse", 3), ("ab", "ba", 1),
  ]) func `distance counts edits and swaps`(a: String, b: String, distance: Int) {
    #expect(Suggestion.distance(a, b) == distance)
    #expect(Suggestion.distance(b, a) == distance)
  }

  @Test func `the nearest is meant`() {
    let names = ["extract", "clean", "features", "train", "score"]
    #expect(Suggestion.nearest(to: "extrakt", in: names) == "extract")
    #expect(Suggestion.nearest(to: "trian", in: names) == "train")
    #expect(Suggestion.nearest(to: "CLEAN", in: names) == "clean")
    #expect(Suggestion.nearest(to: "feat", in: names) == "features")
    #expect(Suggestion.nearest(to: "publish", in: names) == nil)
    #expect(Suggestion.nearest(to: "x", in: ["y"]) == "y")
    #expect(Suggestion.nearest(to: "x", in: [] as [String]) == nil)
  }

  @Test func `of equally near names the first in order is meant`() {
    #expect(Suggestion.nearest(to: "spend_8d", in: ["spend_9d", "spend_7d"]) == "spend_7d")
  }

  @Test func `otherwise help lists what there is`() {
    #expect(Suggestion.help(for: "zzz", in: ["b", "a"]) == "there is: a, b")
    #expect(Suggestion.help(for: "bb", in: ["b", "a"]) == "did you mean 'b'?")
    #expect(Suggestion.help(for: "zzz", in: [] as [String]) == nil)
    let many = (10..<40).map { "column_\($0)" }
    #expect(Suggestion.help(for: "zzz", in: many)?.hasSuffix("column_29, …") == true)
  }

  @Test func `a huge word is not compared`() {
    let huge = String(repeating: "x", count: 1_000_000)
    #expect(Suggestion.nearest(to: huge, in: (0..<1000).map { "name_\($0)" }) == nil)
    #expect(Suggestion.nearest(to: "x", in: [huge]) == nil)
  }
}
