import Diagnostics
import Foundation
import Stages
import TestSupport
import Testing

@testable import PipelineFiles

/// Addresses and keys may stand in a roost.yaml although they should not: whatever is wrong with it, no
/// message quotes them.
@Suite struct HiddenProjectTests {
  private static let secret = "pa55/w0rd-of-the-shop"

  private func said(of text: String) -> String {
    let report = Report()
    let file = SourceFile(name: "roost.yaml", text: text)
    let environment = ["SHOP_URL": "postgresql://shop:\(Self.secret)@h:x/d"]
    _ = checkOffline(
      SourceFile(
        name: "p.yaml",
        text: """
          pipeline: p
          stages: { a: { extract: { from: shop, table: shop.a, key: id, time: t } } }
          """), project: file, report, environment: environment)
    let diagnostics = report.sorted
    return TextRenderer().render(diagnostics) + GitHubRenderer().render(diagnostics)
      + JSONRenderer().render(diagnostics)
  }

  @Test(arguments: [
    "connections: [SECRET]", "connections: { shop: { url: SECRET, urll: SECRET } }",
    "connections: { SECRET }", "connections: { shop: SECRET, SECRET: x }", "state: SECRET",
    "hash_key: [SECRET]", "hash_key: { SECRET }", "hash_key: { a: SECRET }", "hash_keyy: SECRET",
    "hash_key: *SECRET", "hash_key: &SECRET", "hash_key: !SECRET x", "hash_key: @SECRET",
    "hash_key: \"SECRET", "hash_key: 'SECRET' SECRET", "hash_key: SECRET: x", "hash_key: |SECRET",
    "timezone: SECRET", "root: [SECRET]", "root: ${SECRET}", "roost: SECRET", "SECRET",
    "SECRET: x", "? SECRET", "alerts: SECRET", "alerts: { webhook: SECRET, on: SECRET }",
    "alerts: { mail: SECRET }", "alerts: { mail: [SECRET] }", "grant_to: SECRET",
    "connections: { shop: { url: x, max_parallel: SECRET } }", "hash_key: SECRET\n\thash_key: x",
    "hash_key: SECRET\n  SECRET: x", "hash_key: \"\\q SECRET\"", "--- SECRET\n--- SECRET",
    "hash_key: x # SECRET\nhash_key: SECRET",
  ])
  func `a mistake is said without what was written`(line: String) {
    let text = said(
      of: "roost: 1\nstate: shop\nconnections: { shop: '${SHOP_URL}' }\n\(line)\n"
        .replacing("SECRET", with: Self.secret))
    #expect(!text.contains(Self.secret), "\(text)")
    #expect(text.contains("error"))
  }

  @Test(arguments: 0..<4) func `nor when the file is torn`(seed: Int) {
    let whole = Array(
      """
      roost: 1
      root: SECRET
      timezone: SECRET
      connections:
        shop: SECRET
        warehouse: { url: "SECRET", max_parallel: 2 }
      state: shop
      grant_to: SECRET
      hash_key: 'SECRET'
      alerts:
        webhook: SECRET
        command: [SECRET, SECRET]
        mail:
          - SECRET

      """.replacing("SECRET", with: Self.secret).utf8)
    var random = SeededGenerator(seed: UInt64(seed))
    let pieces = ["\n", " ", ": ", "- ", "[", "{", "}", "\"", "'", "|", "#", "&a ", "*", "!", "\t"]
    for _ in 0..<250 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        let end = min(bytes.count, at + Int.random(in: 1...20, using: &random))
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes.removeSubrange(at..<end)
        case 1:
          bytes.insert(contentsOf: (pieces.randomElement(using: &random) ?? "").utf8, at: at)
        default:
          bytes.insert(
            contentsOf: bytes[at..<end], at: Int.random(in: 0..<bytes.count, using: &random))
        }
      }
      let text = said(of: String(decoding: bytes, as: UTF8.self))
      #expect(!text.contains(Self.secret), "\(text)")
    }
  }
}
