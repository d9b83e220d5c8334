import Declarations
import Foundation
import Stages

@testable import PipelineFiles
@testable import PipelineTests

/// All records that a project, a pipeline and a test are made of, found by walking their shapes.
struct RecordWalk {
  private var found: [any Record.Type] = []
  private var seen: Set<ObjectIdentifier> = []

  static let all: [any Record.Type] = {
    var walk = RecordWalk()
    for root in [ProjectSettings.shape, PipelineSettings.shape, PipelineTest.shape] {
      walk.visit(root)
    }
    return walk.found
  }()

  private mutating func visit(_ shape: Shape) {
    switch shape {
    case .word, .choice: break
    case .list(let element), .oneOrMany(let element): visit(element)
    case .either(let shape, let other):
      visit(shape)
      visit(other)
    case .entries(let value, by: _): visit(value)
    case .oneOf(let cases): visit(cases)
    case .ofAnyKind:
      for kind in StageRegistry.builtIn.kinds { visit(kind.shape) }
      visit(StageOptions.shape)
    case .record(let record):
      guard seen.insert(ObjectIdentifier(record.type)).inserted else { return }
      found.append(record.type)
      visit(record.keys)
    }
  }

  private mutating func visit(_ keys: [KeyShape]) { for key in keys { visit(key.shape) } }

  /// The names of all records that the sources declare.
  static func written() throws -> Set<String> {
    let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Sources")
    let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
    var names: Set<String> = []
    while let file = files?.nextObject() as? URL {
      guard file.pathExtension == "swift" else { continue }
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(of: /struct (\w+)(?:<[^{]*>)?: [^{\n]*\b(?:Record|StageKind)\b/) {
        names.insert(String(match.1))
      }
    }
    return names
  }
}
