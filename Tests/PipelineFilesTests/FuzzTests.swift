import Diagnostics
import Foundation
import Stages
import TestSupport
import Testing

@testable import PipelineFiles

/// Whatever stands in a file, reading it ends with a pipeline or with messages.
@Suite struct FuzzTests {
  private static let shares = 0..<8

  /// Reads a text as a pipeline and renders what is said of it; returns whether it could be read.
  private func survives(_ bytes: [UInt8]) -> Bool {
    guard let text = String(validating: bytes, as: UTF8.self) else { return false }
    let report = Report()
    let file = SourceFile(name: "fuzz.yaml", text: text)
    let pipeline = checkOffline(file, report)
    #expect(pipeline != nil || report.hasErrors, "nothing was said of \(text.debugDescription)")
    let rendered = TextRenderer().render(report.sorted)
    #expect(rendered.isEmpty == report.diagnostics.isEmpty)
    return pipeline != nil
  }

  @Test(arguments: shares) func `random bytes`(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    let alphabet = Array("ab:-[]{}&*!|>'\"%@`#,?~$\\ \n\t\r0<=é\u{feff}\u{0}\u{7f}".utf8)
    for _ in 0..<400 {
      let count = Int.random(in: 0..<120, using: &random)
      let isWild = Bool.random(using: &random)
      let bytes = (0..<count).map { _ in
        isWild
          ? UInt8.random(in: 0...255, using: &random)
          : alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
      }
      _ = survives(bytes)
    }
  }

  @Test(arguments: shares) func `mutations of the pipeline`(seed: Int) throws {
    let pipeline = Array(try repositoryFile("pipelines/retention.yaml").utf8)
    var random = SeededGenerator(seed: UInt64(seed) &+ 1000)
    let pieces = [
      "\n", "\t", "  ", ": ", "- ", "[", "]", "{", "}", "'", "\"", "|", ">", "#", "&a ", "*a",
      "!x ",
      "${horizon}", "${", "}", "~", "<<: ", "---\n", "\u{feff}", "é", "\u{0}", "null",
      "99999999999",
    ].map { Array($0.utf8) }
    for _ in 0..<120 {
      var bytes = pipeline
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        let end = min(bytes.count, at + Int.random(in: 1...30, using: &random))
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[at] = UInt8.random(in: 0...127, using: &random)
        case 1: bytes.removeSubrange(at..<end)
        case 2:
          bytes.insert(
            contentsOf: bytes[at..<end], at: bytes.indices.randomElement(using: &random) ?? 0)
        case 3: bytes.insert(contentsOf: pieces.randomElement(using: &random) ?? [], at: at)
        default:
          bytes.replaceSubrange(at..<end, with: pieces.randomElement(using: &random) ?? [])
        }
      }
      _ = survives(bytes)
    }
  }

  /// Every prefix of a file is what an editor may have saved.
  @Test func `prefixes of the pipeline`() throws {
    let pipeline = Array(try repositoryFile("pipelines/retention.yaml").utf8)
    for count in stride(from: 0, to: pipeline.count, by: 13) {
      _ = survives(Array(pipeline[..<count]))
    }
  }

  @Test func `the example itself is read`() throws {
    for path in ["pipelines/retention.yaml", "pipelines/cdnow.yaml"] {
      #expect(survives(Array(try repositoryFile(path).utf8)))
    }
  }
}
