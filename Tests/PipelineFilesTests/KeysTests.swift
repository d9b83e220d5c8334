import Diagnostics
import Testing

@testable import PipelineFiles

/// A record with a key of every kind.
private struct Sample: Record {
  static let about = "A sample."
  let name: Name
  let table: TableName?
  let keep: Kept
  let days: [Duration]
  let by: OneOrMany<Name>?
  let levels: Entries<Bound>
  let inner: Inner?
  let steps: [Step]

  enum Kept: String, Choice { case latest, first }

  init(_ keys: inout Keys) {
    name = keys("name", "What it is called.")
    table = keys("table", "A table.")
    keep = keys("keep", "What stays.", default: .latest, shown: "latest")
    days = keys("days", "Lengths.", default: [], shown: "none")
    by = keys("by", "Names.")
    levels = keys("levels", "Bounds.", default: .empty, shown: "none")
    inner = keys("inner", "A record in it.")
    steps = keys("steps", "Steps.", default: [], shown: "none")
  }
}

private struct Inner: Record {
  static let about = "A record in a record."
  let size: Int
  let isOn: Bool

  init(_ keys: inout Keys) {
    size = keys("size", "How large it is.")
    isOn = keys("is_on", "Whether it is on.", default: true)
  }
}

private enum Step: OneOf {
  case inner(Inner)
  case word(Name)
  static let cases = [
    Case("inner", "A record.", Step.inner), Case("word", "A name.", Step.word),
  ]
}

@Suite struct KeysTests {
  private func messages(_ yaml: String) -> [String] {
    read(Sample.self, yaml).report.sorted.map { diagnostic in
      let at = diagnostic.span?.text.prefix(20) ?? ""
      return "[\(at)] \(diagnostic.message)" + (diagnostic.help.map { " (\($0))" } ?? "")
    }
  }

  @Test func `reads every key`() throws {
    let (value, report) = read(
      Sample.self,
      """
      { name: a, table: s.t, keep: first, days: [7d, 36h], by: b, levels: { high: ">= 60%" },
        inner: { size: 3 }, steps: [ { word: x }, { inner: { size: 4, is_on: false } } ] }
      """)
    let sample = try #require(value, "\(printed(report))")
    #expect(sample.name.text == "a")
    #expect(sample.table?.sql == "\"s\".\"t\"")
    #expect(sample.keep == .first)
    #expect(sample.days == [Duration(.days(7)), Duration(.minutes(36 * 60))])
    #expect(sample.by?.values.map(\.text) == ["b"])
    #expect(sample.levels["high"]?.value == 0.6)
    #expect(sample.inner?.size == 3 && sample.inner?.isOn == true)
    #expect(sample.steps.count == 2)
  }

  @Test func `defaults stand in for what is left out`() throws {
    let sample = try #require(read(Sample.self, "{ name: a }").value)
    #expect(sample.keep == .latest && sample.days.isEmpty && sample.by == nil)
    #expect(sample.inner == nil && sample.levels.entries.isEmpty)
  }

  @Test(arguments: [
    ("{ nmae: a }", ["[nmae] there is no key 'nmae' here (did you mean 'name'?)"]),
    ("{}", ["[{}] the key 'name' is missing (What it is called.)"]),
    ("{ name: a, name: b }", ["[name] the key 'name' stands here twice (remove one of them)"]),
    (
      "{ name: a, name: b, name: c }",
      [
        "[name] the key 'name' stands here twice (remove one of them)",
        "[name] the key 'name' stands here twice (remove one of them)",
      ]
    ),
    (
      "{ name: a, colour: red }",
      [
        "[colour] there is no key 'colour' here (there is: by, days, inner, keep, levels, name, "
          + "steps, table)"
      ]
    ),
    (
      "{ name: a, [b]: c }",
      [
        "[b] there is no key '…' here (there is: by, days, inner, keep, "
          + "levels, name, steps, table)"
      ]
    ),
    (
      "a word",
      [
        "[a word] expected keys, found 'a word' "
          + "(its keys are: name, table, keep, days, by, levels, inner, steps)"
      ]
    ),
    (
      "[a]",
      [
        "[a] expected keys, found a list "
          + "(its keys are: name, table, keep, days, by, levels, inner, steps)"
      ]
    ),
    ("{ name: [a] }", ["[a] expected a name, found a list (write a name, such as orders)"]),
    ("{ name: }", ["[] expected a name, found nothing (write a name, such as orders)"]),
    ("{ name: a, days: 7d }", ["[7d] expected a list, found '7d' (write it as [7d])"]),
    (
      "{ name: a, days: [7d, 8] }",
      ["[8] '8' has no unit of time (write days as 30d, hours as 36h, minutes as 90m)"]
    ),
    (
      "{ name: a, keep: lates }",
      ["[lates] 'lates' is none of latest, first (did you mean 'latest'?)"]
    ),
    (
      "{ name: a, keep: ~ }",
      ["[~] expected one of latest, first, found nothing (write one of them)"]
    ),
    ("{ name: a, by: [] }", ["[[]] the list is empty (write at least one value in it)"]),
    (
      "{ name: a, levels: [x] }",
      [
        "[x] expected names with values, found a list "
          + "(write them as name: value, each on a line of its own)"
      ]
    ),
    (
      "{ name: a, levels: { x: '> 1', x: '> 2' } }",
      [
        "[x] the name 'x' stands here twice "
          + "(give one of them another name, or remove it)"
      ]
    ),
    (
      "{ name: a, inner: { size: 1, szie: 2 } }",
      ["[szie] there is no key 'szie' here (did you mean 'size'?)"]
    ),
    ("{ name: a, inner: {} }", ["[{}] the key 'size' is missing (How large it is.)"]),
    (
      "{ name: a, steps: [ { wrod: x } ] }",
      ["[wrod] there is no 'wrod' here (did you mean 'word'?)"]
    ),
    (
      "{ name: a, steps: [ word ] }",
      [
        "[word] expected exactly one of inner, word "
          + "(write each as an entry of its own, such as - inner: …)"
      ]
    ),
    (
      "{ name: a, steps: [ { word: x, inner: { size: 1 } } ] }",
      [
        "[inner] expected exactly one of inner, word "
          + "(write each as an entry of its own, such as - inner: …)"
      ]
    ),
  ]) func saysWhatIsWrong(yaml: String, expected: [String]) {
    #expect(messages(yaml) == expected)
  }

  /// Mistakes do not hide each other.
  @Test func `says everything at once`() {
    let all = messages(
      "{ nmae: a, keep: no, days: [x, y], inner: { size: big, isOn: 1 }, steps: [ { wrod: 1 } ] }")
    #expect(all.count == 7, "\(all)")
  }

  @Test func `lists its keys without reading`() throws {
    guard case .record(let shape) = Sample.shape else {
      Issue.record("a record expected")
      return
    }
    #expect(
      shape.keys.map(\.name) == [
        "name", "table", "keep", "days", "by", "levels", "inner", "steps",
      ])
    #expect(shape.keys.map(\.isRequired) == [true] + Array(repeating: false, count: 7))
    #expect(shape.keys[2].preset == "latest")
    guard case .choice(["latest", "first"]) = shape.keys[2].shape,
      case .list(.word(let word)) = shape.keys[3].shape,
      case .list(.oneOf(let steps)) = shape.keys[7].shape
    else {
      Issue.record("other shapes expected: \(shape.keys)")
      return
    }
    #expect(word.name == "a duration")
    #expect(steps.map(\.name) == ["inner", "word"])
  }
}
