import Foundation
import Testing

/// Every code stands once in the sources and once on the page that lists them.
@Suite struct CodePageTests {
  private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Sources").standardizedFileURL

  private func declared() throws -> [String] {
    let files = try #require(
      FileManager.default.enumerator(at: Self.sources, includingPropertiesForKeys: nil))
    var codes: [String] = []
    for case let file as URL in files where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      codes += text.matches(of: /"(R[0-9]{4})"/).map { String($0.1) }
    }
    return codes
  }

  @Test func `every code stands on the page once`() throws {
    let declared = try declared()
    let page = try String(
      contentsOf: Self.sources.appendingPathComponent("roost/Roost.docc/Diagnostics.md"),
      encoding: .utf8)
    let rows = page.split(separator: "\n").compactMap {
      $0.wholeMatch(of: /\| `(R[0-9]{4})` \| .+ \|/)
    }
    .map { String($0.1) }
    #expect(declared.count > 40)
    #expect(Set(declared).count == declared.count, "a code is declared twice")
    #expect(rows == declared.sorted(), "a code is missing, superfluous or out of order")
  }
}
