import Expressions
import Foundation
import Testing

@Suite struct ExpressionReferenceTests {
  private static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Sources/roost/Roost.docc/Expressions.md").standardizedFileURL

  /// The page ends with the tables that the declarations give. To write them anew:
  /// `ROOST_WRITE_REFERENCE=1 swift test --filter ExpressionReferenceTests`
  @Test func `the committed page ends with the tables`() throws {
    var page = try String(contentsOf: Self.path, encoding: .utf8)
    if ProcessInfo.processInfo.environment["ROOST_WRITE_REFERENCE"] != nil {
      let prose = page.components(separatedBy: "## Functions")[0]
      page = prose + ExpressionReference.tables
      try page.write(to: Self.path, atomically: true, encoding: .utf8)
    }
    #expect(
      page.hasSuffix(ExpressionReference.tables),
      "run it with ROOST_WRITE_REFERENCE=1 to write the tables anew")
  }
}
