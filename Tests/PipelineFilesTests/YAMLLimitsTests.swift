import Diagnostics
import Foundation
import Testing

@testable import PipelineFiles

/// Files that are made to be large, deep or explosive: each is refused, soon.
@Suite struct YAMLLimitsTests {
  private func seconds(_ work: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    return try clock.measure(work) / .seconds(1)
  }

  @Test func `a large file is refused unread`() {
    let text = "a: " + String(repeating: "x", count: 5 << 20)
    #expect(refusal(text)?.message == "the file has 5 MiB; at most 4 MiB are read")
  }

  @Test func `a long text is read`() throws {
    let text = "a: |\n" + String(repeating: "  some words of a long text\n", count: 40_000)
    let snippet = try #require(value("a", in: try root(text))?.scalar)
    #expect(snippet.text.utf8.count == 40_000 * 26)
    #expect(snippet.span(of: 26..<30).text == "some")
  }

  @Test(arguments: ["[", "{a: ", "- ", "a:\n "]) func `deep nesting is refused`(opening: String) {
    let text =
      opening == "a:\n "
      ? (0..<200).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
      : String(repeating: opening, count: 200)
    #expect(refusal(text) != nil)
    #expect(refusal(String(repeating: "[", count: 300_000)) != nil)
  }

  @Test func `sixty four levels are read`() throws {
    let open = String(repeating: "[", count: 63) + "x" + String(repeating: "]", count: 63)
    _ = try root(open)
    #expect(refusal("[" + open + "]")?.message == "the file nests deeper than 64 levels")
  }

  /// Aliases must not be a way around the limit: 40 levels in 40 levels are 80.
  @Test func `aliases nest too`() throws {
    let deep = String(repeating: "[", count: 40)
    let close = String(repeating: "]", count: 40)
    let text = "a: &a \(deep)x\(close)\nb: \(deep)*a\(close)\n"
    #expect(refusal(text)?.message == "the file nests deeper than 64 levels")
    _ = try root("a: &a \(deep)x\(close)\nb: [*a, *a]\n")
  }

  /// Nine levels of nine aliases each would be 387 million nodes.
  @Test func `an alias bomb is refused`() throws {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(aliases)]\n"
    }
    var found: Diagnostic?
    let time = seconds { found = refusal(text) }
    #expect(found?.message == "the file expands to more than 200000 values")
    #expect(time < 20)
  }

  @Test func `many nodes are refused soon`() {
    let text = String(repeating: "- x\n", count: 250_000)
    #expect(refusal(text)?.message == "the file expands to more than 200000 values")
    // Not even all of a larger file is scanned.
    let larger = "[" + String(repeating: "[],", count: 210_000) + "x]"
    #expect(refusal(larger)?.message == "the file holds more values than a pipeline needs")
  }

  @Test func `files are UTF 8`() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func message(_ name: String, _ bytes: [UInt8]?) throws -> (String?, String?) {
      let path = folder.appendingPathComponent(name)
      if let bytes { try Data(bytes).write(to: path) }
      do throws(Diagnostic) {
        _ = try Files.read(path.path)
        return (nil, nil)
      } catch {
        return (error.message.replacing(folder.path + "/", with: ""), error.help)
      }
    }
    #expect(try message("latin.yaml", [0x61, 0xe4, 0x62]).0 == "latin.yaml is not UTF-8")
    #expect(try message("latin.yaml", [0x61, 0xe4, 0x62]).1 == "save it as UTF-8")
    #expect(try message("utf16.yaml", [0xff, 0xfe, 0x61, 0]).0 == "utf16.yaml is not UTF-8")
    #expect(try message("surrogate.yaml", [0xed, 0xa0, 0x80]).0 == "surrogate.yaml is not UTF-8")
    #expect(try message("good.yaml", Array("größe: 1".utf8)).0 == nil)
    #expect(try message("empty.yaml", []).0 == nil)
    let missing = try message("god.yaml", nil)
    #expect(missing.0 == "there is no file god.yaml")
    #expect(missing.1?.hasSuffix("/good.yaml'?") == true)
    do throws(Diagnostic) {
      _ = try Files.read(folder.path)
      Issue.record("a folder was read")
    } catch { #expect(error.message.hasSuffix(" is a folder")) }
  }
}
