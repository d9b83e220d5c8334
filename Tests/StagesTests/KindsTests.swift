import Diagnostics
import Testing

@testable import PipelineFiles
@testable import Stages

/// Every stage kind, and every record in it, asks for the same keys whether it is described or read.
@Suite struct KindsTests {
  private static let records = RecordWalk.all

  private func keys<R: Record>(of type: R.Type) -> [KeyShape] {
    if case .record(let shape) = R.shape { shape.keys } else { [] }
  }

  /// Reads a mapping and lists the keys that were asked for.
  private func asked<R: Record>(_ type: R.Type, _ yaml: String) throws -> [String] {
    let file = SourceFile(name: "test.yaml", text: yaml)
    guard case .mapping(let pairs)? = try YAMLComposer.compose(file)?.kind else { return [] }
    var keys = Keys(pairs, at: file.whole, Reader(report: Report()))
    _ = R(&keys)
    return keys.shapes.map(\.name)
  }

  @Test(arguments: records.indices) func `describes what it reads`(place: Int) throws {
    let type = Self.records[place]
    let described = keys(of: type)
    let names = described.map(\.name)
    #expect(Set(names).count == names.count, "\(type) has a key twice: \(names)")
    #expect(try asked(type, "{}") == names)
    // Also where every key is there, with a value of whatever shape.
    for value in ["x", "[x]", "{ x: y }", "5", "~", "'>= 5'", "30d", "[]"] {
      let yaml = "{ " + names.map { "\($0): \(value)" }.joined(separator: ", ") + " }"
      #expect(try asked(type, yaml) == names, "\(type) over \(value)")
    }
    for key in described {
      #expect(key.about.hasSuffix("."), "\(type).\(key.name): \(key.about)")
      #expect(!key.isRequired || key.preset == nil)
    }
  }

  /// A value as the reference shows it; nil where it has keys of its own.
  private func example(of shape: Shape, depth: Int = 1) -> String? {
    switch shape {
    case .word(let word): word.example
    case .choice(let names): names.first
    case .list(let element): example(of: element, depth: depth).map { "[\($0)]" }
    case .oneOrMany(let element): example(of: element, depth: depth)
    case .either(let shape, or: _): example(of: shape, depth: depth)
    case .entries(let value, let name):
      example(of: value, depth: depth + 1).map {
        "\n" + String(repeating: "  ", count: depth) + "\(name.example): \($0)"
      }
    case .record, .oneOf, .ofAnyKind: nil
    }
  }

  @Test(arguments: records.indices) func `what the reference shows can be read`(place: Int) throws {
    let type = Self.records[place]
    for key in keys(of: type) {
      guard let example = example(of: key.shape) else { continue }
      let file = SourceFile(name: "test.yaml", text: "\(key.name): \(example)")
      let report = Report()
      _ = type.read(try #require(try YAMLComposer.compose(file)), Reader(report: report))
      let wrong = report.sorted.filter { [.wrongShape, .wrongValue].contains($0.code) }
      #expect(wrong.map(\.message) == [], "\(type).\(key.name): \(example)")
    }
  }

  @Test(arguments: records.indices) func `suggests its keys`(place: Int) throws {
    let type = Self.records[place]
    for key in keys(of: type) where key.name.count > 3 {
      let written = key.name.dropLast(2) + "\(key.name.last!)x"
      let file = SourceFile(name: "test.yaml", text: "{ \(written): x }")
      let report = Report()
      _ = type.read(try #require(try YAMLComposer.compose(file)), Reader(report: report))
      let found = report.sorted.first { $0.message == "there is no key '\(written)' here" }
      #expect(found?.help?.contains("'") == true || found?.help?.contains(key.name) == true)
      #expect(found?.span?.text == String(written))
    }
  }

  /// The walk finds all of them, so that none is left out of the tests here.
  @Test func `every record of the sources is part of a file`() throws {
    let found = Set(Self.records.map { "\($0)".prefix { $0 != "<" }.description })
    let written = try RecordWalk.written()
    #expect(written.count > 40)
    #expect(written.subtracting(found) == [])
  }

  @Test func `kinds have names of their own`() {
    let names = StageRegistry.builtIn.names
    #expect(
      names == [
        "extract", "clean", "union", "join", "identify", "check", "features", "train", "score",
        "segment", "target", "write", "sql",
      ])
    for name in names { #expect(StageRegistry.builtIn.kind(named: name) != nil) }
    #expect(StageRegistry.builtIn.kind(named: "after") == nil)
  }

  /// A blank stands in for what could not be read; it must exist for every type.
  @Test(arguments: records.indices) func `blanks can be made`(place: Int) {
    _ = Self.records[place].blank
    _ = CleanStep.blank
    _ = Expectation.blank
    _ = EntityReference.blank
    _ = Quantile.blank
  }

  @Test func `entities are pointed at`() throws {
    func reference(_ text: String) throws -> EntityReference {
      try EntityReference(
        parsing: Snippet(verbatim: SourceFile(name: "f", text: text).whole))
    }
    let plain = try reference("größe.users_id")
    #expect(plain.stage.text == "größe" && plain.column.text == "users_id")
    #expect(plain.column.span.text == "users_id")
    for text in ["users", "a.b.c", ".b", "a.", ".", ""] {
      #expect(throws: WordTrouble.self) { try reference(text) }
    }
  }

  /// A reference out of a parameter points at the `$`.
  @Test func `entities may come from parameters`() throws {
    let file = SourceFile(name: "f", text: "'${entity}'")
    let report = Report()
    let reader = Reader(
      report: report,
      parameters: ["entity": Snippet(file: SourceFile(name: "p", text: "users.user_id"))])
    let node = try #require(try YAMLComposer.compose(file))
    let reference = try #require(EntityReference.read(node, reader))
    #expect(reference.stage.text == "users" && reference.column.text == "user_id")
    #expect(reference.column.span.range.lowerBound == 1)
  }
}
