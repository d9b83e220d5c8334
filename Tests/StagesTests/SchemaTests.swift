import Diagnostics
import Foundation
import Stages
import TestSupport
import Testing

@testable import PipelineFiles

/// What the schema says of files, by Python's jsonschema, is what reading them says.
@Suite(.enabled(if: SchemaWitness.isThere, "python3 has no jsonschema or no yaml"))
struct SchemaTests {
  private static let project = JSONSchema(.builtIn).project.text
  private static let pipeline = JSONSchema(.builtIn).pipeline.text

  @Test func `the shipped files are valid`() throws {
    let folder = ExamplePipeline.root.appendingPathComponent("pipelines")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".yaml") }.sorted()
    #expect(names.contains("retention.yaml") && names.contains("roost.yaml"))
    for name in names {
      let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
      let schema = name == "roost.yaml" ? Self.project : Self.pipeline
      #expect(try SchemaWitness.complaints(about: [text], schema: schema) == [nil], "\(name)")
      let other = name == "roost.yaml" ? Self.pipeline : Self.project
      #expect(try SchemaWitness.complaints(about: [text], schema: other) != [nil], "\(name)")
    }
  }

  /// Scalars that YAML takes for numbers and booleans, and names that it takes for other things.
  @Test func `values are taken as they are meant`() throws {
    let valid = [
      "write: { input: a, table: a.b, key: k, mode: upsert, max_change: 20% }",
      "write: { input: a, table: a.b, key: k, max_change: { within: 20%, columns: [] } }",
      "write: { input: a, table: a.b, key: k, expect: [ { rows: '>= 3' }, { unique: k } ] }",
      "write: { input: no, table: a.b, key: yes, keep: 90d }",
      "write: { input: true, table: 1.5, key: [on, größe] }",
      "write: { input: '${horizon}', table: 'm.${horizon}', key: k, keep: '${horizon}' }",
      "score: { model: m, features: f, explain: '3', all: 'true', risk: { high: '= 1' } }",
      "score: { model: m, features: f, explain: '${n}', all: '${n}' }",
      "features: { entity: a.b, from: { c: { ever: { one: 1, yes: true } } } }",
      "clean: { input: a, expect: [{ unique: id }, { rows: '<= 2%' }] }",
      "{ description: 5, after: a, clean: { input: a } }",
    ]
    let invalid = [
      "write: { input: 5, table: a.b, key: k }",
      "write: { input: a, table: b, key: k }",
      "write: { input: a, table: a.b, key: [] }",
      "write: { input: a, table: a.b, key: k, keep: 90 }",
      "write: { input: a, table: a.b, key: k, mode: overwrite }",
      "write: { input: a, table: a.b, key: k, max_change: 20 rows }",
      "write: { input: a, table: a.b, key: }",
      "write: { input: a, table: a.b }",
      "score: { model: m, features: f, explain: three }",
      "score: { model: m, features: f, explain: 1.5 }",
      "score: { model: m, features: f, risk: { 'a b': '= 1' } }",
      "clean: { input: a, steps: [{ reject: { where: x, reason: y }, set: { a: b } }] }",
      "clean: { input: a, steps: [{}] }",
      "{ clean: { input: a }, extract: { from: a, key: b } }",
      "{ after: a }", "claen: { input: a }", "[clean]", "",
    ]
    func files(_ stages: [String]) -> [String] {
      stages.map { stage in
        let lines = stage.hasPrefix("{") ? [stage] : ["", "    " + stage]
        return "pipeline: p\nparameters: { horizon: 30d, n: 3 }\nstages:\n  s: "
          + (stage.hasPrefix("[") || stage.isEmpty ? stage : lines.joined(separator: "\n"))
      }
    }
    let good = try SchemaWitness.complaints(about: files(valid), schema: Self.pipeline)
    for (stage, complaint) in zip(valid, good) { #expect(complaint == nil, "\(stage)") }
    let bad = try SchemaWitness.complaints(about: files(invalid), schema: Self.pipeline)
    for (stage, complaint) in zip(invalid, bad) { #expect(complaint != nil, "\(stage)") }
  }

  /// A seventh of all ways to change one value or key of a pipeline with all kinds: what can be read
  /// is valid, and what has a wrong key or a value of the wrong shape is not.
  @Test func `the schema agrees with reading`() throws {
    let file = SourceFile(name: "pipeline.yaml", text: ExamplePipeline.text)
    let root = try #require(try YAMLComposer.compose(file)).json
    let all = root.mutants
    let mutants = stride(from: 0, to: all.count, by: 7).map { all[$0].text }
    let complaints = try SchemaWitness.complaints(
      about: mutants, schema: Self.pipeline, isJSON: true)
    let wrongShapes: [DiagnosticCode] = [.unknownKey, .missingKey, .wrongShape]
    var readable = 0
    var refused = 0
    for (mutant, complaint) in zip(mutants, complaints) {
      let report = ExamplePipeline.read(mutant).report
      if !report.hasErrors {
        readable += 1
        #expect(complaint == nil, "\(mutant)")
      } else if report.diagnostics.contains(where: { wrongShapes.contains($0.code) }) {
        refused += 1
        #expect(complaint != nil, "\(TextRenderer().render(report.sorted)) \(mutant)")
      }
    }
    #expect(readable > 20 && refused > 150, "\(readable) \(refused) \(mutants.count)")
  }
}

extension YAMLNode {
  /// As YAML 1.2 reads it.
  fileprivate var json: JSONValue {
    switch kind {
    case .scalar(let snippet, isQuoted: true): .string(snippet.text)
    case .scalar(let snippet, isQuoted: false):
      Int(snippet.text).map { .integer($0) } ?? Bool(snippet.text).map { .bool($0) }
        ?? .string(snippet.text)
    case .sequence(let nodes): .array(nodes.map(\.json))
    case .mapping(let pairs):
      .object(
        Dictionary(
          pairs.map { ($0.key.scalar?.text ?? "", $0.value.json) }, uniquingKeysWith: { a, _ in a })
      )
    }
  }
}

extension JSONValue {
  private static let others: [JSONValue] = [
    "a b", "orders", "30d", "${horizon}", 5, .number(0.5), true, .null, .array([]),
    .array(["orders"]), .object([:]),
  ]

  /// The values that differ from this one in one place.
  fileprivate var mutants: [JSONValue] {
    var all = Self.others
    switch self {
    case .array(let values):
      for place in values.indices {
        all += values[place].mutants.map { mutant in
          var changed = values
          changed[place] = mutant
          return .array(changed)
        }
      }
    case .object(let values):
      for (key, value) in values.sorted(by: { $0.key < $1.key }) {
        all += value.mutants.map { .object(values.merging([key: $0]) { _, new in new }) }
        let without = values.filter { $0.key != key }
        all.append(.object(without))
        all.append(.object(without.merging([key + "x": value]) { _, new in new }))
        all.append(.object(values.merging([key + "x": value]) { _, new in new }))
      }
    default: break
    }
    return all
  }
}
