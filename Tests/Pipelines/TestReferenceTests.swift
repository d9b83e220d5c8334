import Foundation
import PipelineTests
import Stages
import TestSupport
import Testing

@Suite struct TestReferenceTests {
  private static let page = ShippedPipelines.root.appendingPathComponent(
    "Sources/roost/Roost.docc/TestFiles.md")

  /// The page ends with the table that the declaration gives. To write it anew:
  /// `ROOST_WRITE_REFERENCE=1 swift test --filter TestReferenceTests`
  @Test func `the committed page is made from the declaration`() throws {
    var page = try String(contentsOf: Self.page, encoding: .utf8)
    if ProcessInfo.processInfo.environment["ROOST_WRITE_REFERENCE"] != nil {
      page = page.components(separatedBy: "| key |")[0] + TestReference.keys
      try page.write(to: Self.page, atomically: true, encoding: .utf8)
    }
    #expect(page.hasSuffix(TestReference.keys), "run it with ROOST_WRITE_REFERENCE=1")
  }

  @Test(.enabled(if: SchemaWitness.isThere, "python3 has no jsonschema or no yaml"))
  func `the schema takes the shipped tests and refuses what reading refuses`() throws {
    let schema = TestReference.schema(.builtIn).text
    let folder = ShippedPipelines.root.appendingPathComponent("pipelines/tests")
    let shipped = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".yaml") }.sorted()
      .map { try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8) }
    #expect(shipped.count >= 3)
    let head = "test: t\npipeline: p.yaml\nas_of: 2026-06-01\n"
    let valid = [
      "given: { a: [] }\nexpect: { b: { rows: 3 } }",
      "given: { a: { columns: { x: bigint }, rows: [{ x: null }] } }\nexpect: { b: [{ x: ~ }] }",
      "given: { a: { csv: a.csv } }\nexpect: { b: { order: key, rows: [{ x: 1.50, y: no }] } }",
    ]
    let invalid = [
      "given: { a: { row: [] } }\nexpect: { b: [] }", "given: { a: 5 }\nexpect: { b: [] }",
      "given: { a: [] }\nexpect: { b: { order: any, rows: [] } }",
      "given: { a: [{ x: [1] }] }\nexpect: { b: [] }", "given: { a: [] }", "expect: { b: 3 }",
    ]
    let good = shipped + valid.map { head + $0 }
    for (text, complaint) in zip(
      good, try SchemaWitness.complaints(about: good, schema: schema))
    {
      #expect(complaint == nil, "\(text)")
    }
    for (text, complaint) in zip(
      invalid, try SchemaWitness.complaints(about: invalid.map { head + $0 }, schema: schema))
    {
      #expect(complaint != nil, "\(text)")
    }
  }
}
